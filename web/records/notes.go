package records

import (
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"binnacle/door"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/prose"
)

// commentRow is a comment on a record.
type commentRow struct {
	HTML     template.HTML
	By, Age  string
	Exact    string
	Delete   string
	sortedBy model.Time
}

// fileRow is a file that belongs to a record.
type fileRow struct {
	Name, Type, Size string
	Path, Delete     string
	By, Age          string
}

// fillNotes adds comments and attachments, and where to send new ones.
func (d *desk) fillNotes(b *recordPage, in []*backList) {
	for _, l := range in {
		if !l.notes() {
			continue
		}
		for _, rec := range l.recs {
			m := rec.Base()
			remove := ""
			if !d.past() && d.Who.MayApprove(rec) {
				remove = d.Path(d.path("/"+map[string]string{"Comment": "comments", "Attachment": "attachments"}[model.NameOf(rec)]+"/") + url.PathEscape(m.Key) + "/delete")
			}
			switch x := rec.(type) {
			case *model.Comment:
				b.Comments = append(b.Comments, commentRow{HTML: prose.HTML(x.Text), By: d.author(x), Age: d.age(m.Created.At), Exact: m.Created.At.Time().Format("2006-01-02 15:04"),
					Delete: remove, sortedBy: m.Created.At})
			case *model.Attachment:
				b.Files = append(b.Files, fileRow{Name: x.FileName, Type: x.MediaType, Size: sizeText(x.Size), Path: d.Path("/attachments/" + url.PathEscape(m.Key)), Delete: remove,
					By: title(d.view.Get(m.Owner)), Age: d.age(m.Created.At)})
			}
		}
	}
	slices.SortStableFunc(b.Comments, func(x, y commentRow) int { return cmp.Compare(x.sortedBy, y.sortedBy) })
	if d.mayComment("Comment") && d.kind.Name != "Comment" {
		b.Comment = d.Path(d.path("/comments"))
	}
	if d.mayComment("Attachment") && d.kind.Name != "Attachment" && d.kind.Name != "Comment" {
		b.Attach = d.Path(d.path("/attachments"))
	}
}

// author returns who wrote a comment.
func (d *desk) author(c *model.Comment) string {
	if c.Author == d.Who.Account.Ref() {
		return d.Who.Title()
	}
	if a, ok := d.view.Get(c.Author).(*model.Account); ok {
		if person := d.view.Get(a.Person); person != nil {
			return person.Base().Title()
		}
		return a.Title()
	}
	if owner := d.view.Get(c.Owner); owner != nil {
		return owner.Base().Title()
	}
	return "somebody"
}

// sizeText writes a size for people.
func sizeText(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// comment adds a comment.
func comment(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	text := v.Form("text")
	if text == "" {
		return frame.Bad("the comment is empty")
	}
	e := door.Edit{Kind: "Comment", Key: door.NewKey("comment"), Create: true, Set: map[string]any{"about": d.rec.Base().ID.String(), "text": text, "author": d.Who.Account.ID.String()}}
	r, err := d.write(e, "Comment on "+d.kind.Name+"/"+d.rec.Base().Key)
	if err != nil {
		return err
	}
	return v.Done(d.Path(d.path(""))+"#comments", "Added your comment.", r)
}

// write makes one edit at the moment that is looked at.
func (d *desk) write(e door.Edit, why string) (door.Receipt, error) {
	change, err := d.House.Build(d.Ctx(), d.Who, d.view, e)
	if err != nil {
		return door.Receipt{}, err
	}
	return d.House.Write(d.Ctx(), d.Who, d.Moment, door.Tx{Why: why, Changes: []model.Change{change}})
}

// removeComment deletes a comment of the record.
func removeComment(v *frame.Visit) error { return removeNote(v, "Comment", v.R.PathValue("comment")) }

// removeAttachment deletes a file of the record. Its content stays in the vault, so that it can be undone.
func removeAttachment(v *frame.Visit) error {
	return removeNote(v, "Attachment", v.R.PathValue("file"))
}

func removeNote(v *frame.Visit, kind, key string) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	k, note, err := door.Find(d.view, kind, key)
	if err != nil {
		return err
	}
	if a, ok := note.(model.Attached); !ok || a.BelongsTo() != d.rec.Base().Ref() {
		return &door.NotFound{What: kind + "/" + key}
	}
	r, err := d.House.Write(d.Ctx(), d.Who, d.Moment, door.Tx{Why: "Delete " + k.Label + " " + note.Base().Title(), Changes: []model.Change{door.Removal(d.view, note)}})
	if err != nil {
		return err
	}
	return v.Done(d.Path(d.path("")), "Deleted the "+map[string]string{"Comment": "comment", "Attachment": "file"}[kind]+".", r)
}

// attach adds a file.
func attach(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if !d.mayComment("Attachment") {
		// Write would refuse too, but not before the content has been read.
		return frame.Bad("you may not attach files here")
	}
	in, head, err := v.R.FormFile("file")
	if err != nil {
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return err
		}
		return frame.Bad("choose a file first")
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, door.LargestFile+1))
	if err != nil {
		return err
	}
	r, err := d.House.Attach(d.Ctx(), d.Who, d.Moment, d.rec, door.File{Name: head.Filename, Data: data})
	if err != nil {
		return err
	}
	return v.Done(d.Path(d.path(""))+"#files", "Attached "+door.SafeFileName(head.Filename)+".", r)
}

// download hands out the content of an attachment, to be saved and never to be shown as a part of the site.
func download(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	_, rec, err := door.Find(view, "Attachment", v.R.PathValue("key"))
	if err != nil {
		return err
	}
	a := rec.(*model.Attachment)
	data, err := v.House.Content(v.Ctx(), a)
	if err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", door.SafeMediaType(a.MediaType))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": door.SafeFileName(a.FileName)}))
	h.Set("Content-Security-Policy", frame.FilePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", fmt.Sprint(len(data)))
	_, err = v.W.Write(data)
	return err
}
