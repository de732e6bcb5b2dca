package client

import (
	"bufio"
	"io"
	"iter"
	"strings"
)

// longestLine is how long a line of a stream may be.
const longestLine = 16 << 20

// Stream yields the events of a stream of server-sent events.
func Stream(r io.Reader) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 0, 64<<10), longestLine)
		var e Event
		some := false
		for lines.Scan() {
			line := lines.Text()
			if line == "" {
				if some && !yield(e, nil) {
					return
				}
				e, some = Event{}, false
				continue
			}
			name, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch name {
			case "id":
				e.ID, some = value, true
			case "event":
				e.Name, some = value, true
			case "data":
				if len(e.Data) > 0 {
					e.Data = append(e.Data, '\n')
				}
				e.Data, some = append(e.Data, value...), true
			}
		}
		if err := lines.Err(); err != nil {
			yield(Event{}, err)
		}
	}
}
