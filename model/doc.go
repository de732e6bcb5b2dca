// Package model holds every kind of record that Binnacle knows, as plain Go structs.
//
// The doc comment of a struct is the help of its kind and the doc comment of a
// field is the help of that field, on every door. Storage, forms, tables,
// filters, manifests and schemas are all derived from the structs by [Schema].
//
// To add a field, add one line to a struct. To add a kind, add one struct and
// name it in kinds.go.
package model

import (
	"embed"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"strings"
	"sync"
)

//go:embed *.go
var source embed.FS

// Docs maps what a package declares to its doc comments: "Host" to the comment
// of type Host, "Host.serial" is never a key; "Host.Serial" is. Functions and
// constants are found under their own names.
type Docs map[string]string

// ReadDocs reads the doc comments of the Go files in an embedded source tree.
// Files that do not parse are passed over: help is never a reason to fail.
func ReadDocs(src fs.FS) Docs {
	docs := Docs{}
	names, _ := fs.Glob(src, "*.go")
	fset := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(src, name)
		if err != nil {
			continue
		}
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		docs.addFile(file)
	}
	return docs
}

func (d Docs) addFile(file *ast.File) {
	if file.Doc != nil {
		d["package"] = clean(file.Doc.Text())
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				d[decl.Name.Name] = clean(decl.Doc.Text())
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					d.addType(spec, decl.Doc)
				}
			}
		}
	}
}

func (d Docs) addType(spec *ast.TypeSpec, outer *ast.CommentGroup) {
	comment := spec.Doc
	if comment == nil {
		comment = outer
	}
	d[spec.Name.Name] = clean(comment.Text())
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range st.Fields.List {
		text := field.Doc.Text()
		if text == "" {
			text = field.Comment.Text()
		}
		for _, name := range field.Names {
			d[spec.Name.Name+"."+name.Name] = clean(text)
		}
	}
}

// Sentence returns the first sentence of a doc comment.
func Sentence(text string) string { return new(doc.Package).Synopsis(text) }

// clean folds the lines of each paragraph of a comment.
func clean(text string) string {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(strings.Fields(p), " ")
	}
	return strings.Join(paragraphs, "\n\n")
}

var modelDocs = sync.OnceValue(func() Docs { return ReadDocs(source) })
