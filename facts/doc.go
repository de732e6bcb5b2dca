// Package facts keeps bulk measured lines beside the graph: lines of bills,
// samples of usage. Lines come in loads. A load is written once and never
// changed; the record of kind Load in the estate says whether it counts, so that
// undo, scenarios and looking at the past work on money as on everything else.
// Back ends live in the folders sqlite and postgres; both pass the suite in factstest.
package facts
