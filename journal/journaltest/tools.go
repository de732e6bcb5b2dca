package journaltest

import (
	"binnacle/journal"
	"binnacle/journal/internal/ledger"
	"binnacle/model"
)

// Continue has the pen go on behind an entry, with ids that begin at a number. It knows no records.
func (p *Pen) Continue(head, ids uint64) {
	p.head, p.made, p.at = head, ids, 1800000000000+model.Time(head)*1000
}

// Forget returns the commit that takes the personal data of a person away and erases it.
func Forget(p *Pen, id model.ID) journal.Commit {
	p.Edit(id, func(r model.Record) {
		person := r.(*model.Person)
		person.FullName, person.Email, person.Phone = "", "", ""
	})
	p.Erase(id, "full_name", "email", "phone")
	return p.Commit("erase the data of a person")
}

// HostileViews returns views whose names try to break out of their quotes.
func HostileViews() []ledger.View {
	var out []ledger.View
	for _, name := range []string{`x"; DROP TABLE journal_entry; --`, `x'; DROP TABLE journal_entry; --`, `back\slash'`, `$$ {journal} %s ?`, "select"} {
		out = append(out, ledger.View{Name: name, Kind: name, Columns: []ledger.Column{
			{Name: name + "1", Field: name, Is: ledger.Text}, {Name: name + "2", Field: name, Is: ledger.LinkKey}, {Name: name + "3", Field: name, Is: ledger.List},
		}})
	}
	return out
}
