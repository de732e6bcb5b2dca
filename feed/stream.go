package feed

import (
	"bytes"
	"io"
	"os"
)

// Stream is a content that is open and can be read at any place.
type Stream struct {
	io.ReaderAt
	// Size is how many bytes there are.
	Size int64

	close func() error
}

// NewStream returns a stream of a content. Close is called when it is no longer needed, and may be nil.
func NewStream(content io.ReaderAt, size int64, close func() error) *Stream {
	return &Stream{ReaderAt: content, Size: size, close: close}
}

// OpenStream opens a file.
func OpenStream(name string) (*Stream, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return NewStream(f, info.Size(), f.Close), nil
}

// Close ends the use of the content.
func (s *Stream) Close() error {
	if s.close == nil {
		return nil
	}
	return s.close()
}

// Stream opens the content, be it held or streamed.
func (in Input) Stream() (*Stream, error) {
	if in.Open != nil {
		return in.Open()
	}
	return NewStream(bytes.NewReader(in.Data), int64(len(in.Data)), nil), nil
}
