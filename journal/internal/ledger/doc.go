// Package ledger is what all back ends of the journal have in common: the form
// of the entries, the hashes, the tree, the proof, and every method of
// [binnacle/journal.Journal] on top of the few things that a [Store] does.
package ledger
