package practice

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// File is a document that an answer hands out, to be kept or given to another
// program: an OSCAL document, a VEX statement, a register on paper.
type File struct {
	// Name is what to call the file, with its ending.
	Name string
	// Type is the media type of the content, such as application/json.
	Type string
	// Content is the file itself.
	Content []byte
}

// IsZero reports whether there is no file.
func (f File) IsZero() bool { return f.Name == "" && len(f.Content) == 0 }

// String names the file, its type and its size.
func (f File) String() string {
	if f.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s (%s, %d bytes)", f.Name, f.Type, len(f.Content))
}

type fileJSON struct {
	Name     string `json:"name"`
	Type     string `json:"media_type"`
	Size     int    `json:"size"`
	Encoding string `json:"encoding,omitempty"`
	Content  string `json:"content"`
}

// MarshalJSON writes a file with its content as text, or in base64 where it is none.
func (f File) MarshalJSON() ([]byte, error) {
	out := fileJSON{Name: f.Name, Type: f.Type, Size: len(f.Content), Content: string(f.Content)}
	if !utf8.Valid(f.Content) {
		out.Encoding, out.Content = "base64", base64.StdEncoding.EncodeToString(f.Content)
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *File) UnmarshalJSON(data []byte) error {
	var in fileJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*f = File{Name: in.Name, Type: in.Type, Content: []byte(in.Content)}
	if in.Encoding != "base64" {
		return nil
	}
	content, err := base64.StdEncoding.DecodeString(in.Content)
	f.Content = content
	return err
}
