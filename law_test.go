package binnacle

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binnacle/model"
)

// law says which folders of the project the packages of a folder may import.
// A folder stands for everything below it. The first line that fits a package
// is its law, so the narrow ones come first.
var law = []struct {
	folder string
	may    []string
	why    string
}{
	{"model/modeltest", []string{"model"}, "it makes records for tests"},
	{"model", nil, "the model is plain structs that everything else is derived from"},
	{"journal/journaltest", []string{"model", "journal"}, "it tests back ends through their interface"},
	{"journal", []string{"model", "journal"}, "the journal keeps changes and knows nothing about what they mean"},
	{"facts", []string{"model", "facts"}, "facts are bulk lines beside the graph"},
	{"vault", []string{"vault"}, "the vault keeps bytes under names and knows nothing about what they mean"},
	{"outbound", nil, "the one dialer knows addresses and nothing else"},
	{"estate", []string{"model"}, "the estate is pure: changes in, snapshots out"},
	{"practice/all", []string{"practice"}, "it only lists the practices"},
	{"practice/practicetest", []string{"model", "estate", "facts", "practice"}, "it tests practices through their questions"},
	{"practice", []string{"model", "estate", "practice", "facts"}, "practices propose and the store commits: a practice knows no other practice, no store and no door"},
	{"feed/all", []string{"feed", "model"}, "it only lists the formats and opens what they read"},
	{"feed", []string{"model", "estate", "facts", "feed"}, "feeds propose and the store commits"},
	{"store", []string{"model", "estate", "journal", "facts"}, "the store is the one writer and knows no discipline"},
	{"access/sso", []string{"model", "access", "vault"}, "it finds out who somebody is at a provider, and leaves to access what that allows"},
	{"access", []string{"model", "estate", "store", "practice", "facts", "feed", "vault"}, "who may see what is decided above the store and below the doors"},
	{"jobs", []string{"model", "estate", "store", "practice", "facts", "feed", "vault", "outbound"}, "jobs do what doors start or what runs by itself"},
	{"door/doortest", []string{"*"}, "it opens a whole house for tests"},
	{"door", []string{"model", "estate", "journal", "store", "practice", "facts", "feed", "vault", "access", "jobs"}, "it is what every door does in the same way"},
	{"hooks", []string{"model", "estate", "vault", "access", "door"}, "it tells other programs what an account may see, through the house like a door"},
	{"mail", []string{"model", "practice", "vault", "access", "door"}, "it tells people what the house shows them"},
	{"demo", nil, "the demo is files in the formats that feeds read"},
	{"cli", append(doors, "store", "journal", "jobs", "vault", "outbound", "host", "doors", "hooks", "mail"), "the command line is the owner of the estate and opens it by itself"},
	{"doors", append(doors, "host", "hooks"), "it lists the doors"},
	{"host", nil, "it puts handlers on the network and knows none of them"},
	{"web", doors, "doors reach the store through the house alone, so that none shows or changes what a person may not"},
	{"api", doors, "doors reach the store through the house alone, so that none shows or changes what a person may not"},
	{"mcp", doors, "doors reach the store through the house alone, so that none shows or changes what a person may not"},
	{"bench", []string{"*"}, "it measures every part"},
	{"security", []string{"*"}, "it attacks every door"},
	{"browser", []string{"browser"}, "it uses the program from outside, as people do"},
	{"cmd", []string{"*"}, "main knows every part"},
}

var doors = []string{"model", "estate", "facts", "practice", "feed", "access", "door", "demo", "web", "api", "mcp", "hooks"}

// forbidden are imports that the law above allows by folder and that break its spirit.
func forbidden(from, to string) string {
	folder := func(p, dir string) (string, bool) {
		rest, ok := strings.CutPrefix(p, dir+"/")
		name, _, _ := strings.Cut(rest, "/")
		return name, ok
	}
	kernel := []string{"all", "practicetest", "costs", "controls", "vulnerable"}
	if a, ok := folder(from, "practice"); ok && !slices.Contains(kernel, a) {
		if b, ok := folder(to, "practice"); ok && a != b && !slices.Contains([]string{"practicetest", "costs", "controls", "vulnerable"}, b) {
			return "a practice never imports another: what two need belongs in practice or estate"
		}
	}
	if isDoor(from) {
		if b, ok := folder(to, "practice"); ok && !slices.Contains(kernel, b) {
			return "a door asks questions by name and never imports a practice"
		}
		if b, ok := folder(to, "journal"); ok && b != "journaltest" {
			return "a door never imports a back end: cmd chooses it"
		}
	}
	if a, ok := folder(from, "feed"); ok && a != "all" {
		if b, ok := folder(to, "feed"); ok && a != b && b != "internal" {
			return "a format never imports another: what two need belongs in feed or feed/internal/kit"
		}
	}
	if from == "practice" && strings.HasPrefix(to, "practice/") {
		return "the kernel of practice knows no practice"
	}
	return ""
}

func isDoor(p string) bool {
	top, _, _ := strings.Cut(p, "/")
	return slices.Contains([]string{"cli", "web", "api", "mcp"}, top)
}

// source is one Go file of the project.
type source struct {
	path string
	dir  string
	test bool
	file *ast.File
	fset *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != "." || d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "bin") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		out = append(out, source{filepath.ToSlash(p), path.Dir(filepath.ToSlash(p)), strings.HasSuffix(p, "_test.go"), file, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestImportsKeepTheLaw(t *testing.T) {
	for _, s := range sources(t) {
		if s.dir == "." {
			continue
		}
		i := slices.IndexFunc(law, func(l struct {
			folder string
			may    []string
			why    string
		}) bool {
			return s.dir == l.folder || strings.HasPrefix(s.dir, l.folder+"/")
		})
		if i < 0 {
			t.Errorf("%s: no law names the folder %s: add it to the table and to ARCHITECTURE.md", s.path, s.dir)
			continue
		}
		if s.test {
			continue
		}
		for _, spec := range s.file.Imports {
			to, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), "binnacle/")
			if !ours {
				continue
			}
			top, _, _ := strings.Cut(to, "/")
			if !slices.Contains(law[i].may, top) && !slices.Contains(law[i].may, "*") {
				t.Errorf("%s imports %s: %s may import %s alone, because %s", s.path, to, law[i].folder, strings.Join(law[i].may, ", "), law[i].why)
			}
			if why := forbidden(s.dir, to); why != "" {
				t.Errorf("%s imports %s: %s", s.path, to, why)
			}
		}
	}
}

func TestNothingRegistersItself(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init: parts are put together by explicit lists, so that reading main tells what there is", s.fset.Position(f.Pos()))
			}
		}
		for _, spec := range s.file.Imports {
			if spec.Name != nil && spec.Name.Name == "_" && spec.Path.Value != `"embed"` {
				t.Errorf("%s: blank import of %s: parts are put together by explicit lists", s.fset.Position(spec.Pos()), spec.Path.Value)
			}
		}
	}
}

func TestEveryPackageHasOneComment(t *testing.T) {
	comments, packages := map[string][]string{}, map[string]string{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		packages[s.dir] = s.file.Name.Name
		if s.file.Doc != nil {
			comments[s.dir] = append(comments[s.dir], s.path)
		}
	}
	for dir := range packages {
		if n := len(comments[dir]); n != 1 {
			t.Errorf("%s has %d package comments %v: one file says what the package is for", dir, n, comments[dir])
		}
	}
}

// pure are the folders that have no clock, no randomness, no input and no output.
var pure = []string{"model", "estate", "practice"}

func TestPurePartsHaveNoClock(t *testing.T) {
	for _, s := range sources(t) {
		top, _, _ := strings.Cut(s.dir, "/")
		if s.test || !slices.Contains(pure, top) || strings.HasSuffix(s.dir, "test") {
			continue
		}
		for _, spec := range s.file.Imports {
			switch p := strings.Trim(spec.Path.Value, `"`); p {
			case "os", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "database/sql", "os/exec":
				t.Errorf("%s imports %s: %s is pure, so that the same entries always make the same estate", s.path, p, top)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After"}, sel.Sel.Name) {
				t.Errorf("%s: time.%s: times are inputs, so that the same entries always make the same estate", s.fset.Position(sel.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || strings.HasPrefix(s.dir, "cmd") {
			continue
		}
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || exportedReceiver(d)) {
					t.Errorf("%s: %s has no doc comment", s.fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() && ts.Doc == nil && d.Doc == nil {
						t.Errorf("%s: %s has no doc comment", s.fset.Position(ts.Pos()), ts.Name.Name)
					}
				}
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	name, ok := typ.(*ast.Ident)
	return ok && name.IsExported()
}

// TestNothingForeignIsTracked holds that what package managers download stays out of the repository.
func TestNothingForeignIsTracked(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		t.Skipf("the files that are tracked cannot be listed: %v", err)
	}
	for name := range strings.SplitSeq(string(out), "\x00") {
		if slices.Contains(strings.Split(name, "/"), "node_modules") {
			t.Errorf("%s is tracked: it is somebody else's and can be downloaded", name)
		}
	}
}

// TestTagsStandWhereTheyMeanSomething holds that a field which keeps nothing from being removed is a ref, and that whoever signs is a ref to a person.
func TestTagsStandWhereTheyMeanSomething(t *testing.T) {
	traces, names := 0, 0
	look := func(kind string, f *model.Field) {
		if f.Trace {
			traces++
			if !f.IsRef() {
				t.Errorf("%s.%s is a trace and no ref", kind, f.Path())
			}
		}
		if f.Signed {
			names++
			if f.Type != model.RefField || !slices.Equal(f.To, []string{"Person"}) {
				t.Errorf("%s.%s is signed and no ref to a person", kind, f.Path())
			}
		}
	}
	for _, k := range model.Builtin().Kinds() {
		for _, f := range k.Fields {
			look(k.Name, f)
			for _, c := range f.Columns {
				look(k.Name, c)
			}
		}
	}
	if traces == 0 || names == 0 {
		t.Errorf("%d traces and %d signed fields were found: the test looks at nothing", traces, names)
	}
}
