package model

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// What the journal keeps is read again at every start, some values for each of
// millions of records. The text is checked as a whole by [valid]; the functions
// below then only find where its values begin and end.

// valid returns an error where a text is not one whole JSON value.
func valid(raw []byte) error {
	if jsontext.Value(raw).IsValid(jsontext.AllowDuplicateNames(true)) {
		return nil
	}
	return fmt.Errorf("%.60q is not JSON", raw)
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// valueEnd returns where the value that begins at i ends, in a valid text.
func valueEnd(b []byte, i int) int {
	switch b[i] {
	case '"':
		for i++; b[i] != '"'; i++ {
			if b[i] == '\\' {
				i++
			}
		}
		return i + 1
	case '{', '[':
		depth := 0
		for ; ; i++ {
			switch b[i] {
			case '"':
				i = valueEnd(b, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++
	}
	return i
}

// eachMember calls member for every member of an object, in a valid text.
func eachMember(raw []byte, member func(name, value []byte) error) error {
	i := skipSpace(raw, 0)
	if raw[i] != '{' {
		return fmt.Errorf("%.40q is not an object", raw)
	}
	for i = skipSpace(raw, i+1); raw[i] != '}'; {
		end := valueEnd(raw, i)
		name := raw[i+1 : end-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			name, _ = jsontext.AppendUnquote(nil, raw[i:end])
		}
		i = skipSpace(raw, skipSpace(raw, end)+1)
		end = valueEnd(raw, i)
		if err := member(name, raw[i:end]); err != nil {
			return err
		}
		if i = skipSpace(raw, end); raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	return nil
}

// eachItem calls item for every item of a list, in a valid text.
func eachItem(raw []byte, item func(value []byte) error) error {
	i := skipSpace(raw, 0)
	if raw[i] != '[' {
		return fmt.Errorf("%.40q is not a list", raw)
	}
	for i = skipSpace(raw, i+1); raw[i] != ']'; {
		end := valueEnd(raw, i)
		if err := item(raw[i:end]); err != nil {
			return err
		}
		if i = skipSpace(raw, end); raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	return nil
}

// unquote returns the text that a JSON string stands for.
func unquote(raw []byte) (string, error) {
	if n := len(raw); n >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : n-1]), nil
	}
	s, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return "", fmt.Errorf("%.40q is not a text", raw)
	}
	return string(s), nil
}
