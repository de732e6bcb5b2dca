package delivery

import (
	"bytes"
	"context"
	"fmt"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// ReadOther reads what a pipeline sends by itself: one event or several, as JSON with the columns of the table of
// events, or a message of a provider, which is found out from its shape. An error says which event is wrong; then none is taken.
func ReadOther(m Message) (Result, error) {
	body, err := parse(m.Body)
	if err != nil {
		return Result{}, err
	}
	if body.isObject() && providerOf(body.names()) != "" {
		return ReadAny(m)
	}
	out := Result{Event: "events", Repository: Repository{Provider: "other"}}
	rows, headers, err := kit.OpenTable(context.Background(), feed.BulkInput{Size: int64(len(m.Body)), Content: bytes.NewReader(m.Body)})
	if err != nil {
		return out, err
	}
	defer rows.Close()
	at := findColumns(headers)
	if name := missingColumn(at); name != "" {
		return out, fmt.Errorf("the event has no %s: event, id, start, and repository or service are needed", name)
	}
	for n := 1; rows.Next(); n++ {
		row := rows.Row()
		if row.Problem != "" {
			return out, fmt.Errorf("event %d: %s", n, row.Problem)
		}
		line, column, err := tableLine(row, at)
		if err != nil {
			return out, fmt.Errorf("event %d: %s: %w", n, tableNames[column], err)
		}
		out.Lines = append(out.Lines, line)
		out.Repository.FullName = line.Repository
	}
	if len(out.Lines) == 0 && rows.Err() == nil {
		out.Ignored = "there is no event in it"
	}
	return out, rows.Err()
}

// Providers are those whose messages are read.
func Providers() []model.CodeProvider {
	return []model.CodeProvider{"github", "gitlab", "gitea", "bitbucket", "azure_devops", "other"}
}
