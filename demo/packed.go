package demo

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// unpacked shows the files of a file system, with those that are kept in gzip
// unpacked and under their names without the ending. Bills are long, and say the same again and again.
type unpacked struct{ fs.ReadFileFS }

// ending is the end of the name of a file that is kept in gzip.
const ending = ".gz"

// Open opens a file, or a folder for its entry; [unpacked.ReadDir] lists a folder.
func (u unpacked) Open(name string) (fs.File, error) {
	f, err := u.ReadFileFS.Open(name + ending)
	if err != nil {
		return u.ReadFileFS.Open(name)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	data, err := u.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &member{Reader: bytes.NewReader(data), info: plainInfo{info, int64(len(data))}}, nil
}

// ReadFile returns the content of a file.
func (u unpacked) ReadFile(name string) ([]byte, error) {
	data, err := u.ReadFileFS.ReadFile(name + ending)
	if err != nil {
		return u.ReadFileFS.ReadFile(name)
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", name, err)
	}
	if data, err = io.ReadAll(r); err != nil {
		return nil, fmt.Errorf("unpack %s: %w", name, err)
	}
	return data, nil
}

// ReadDir lists a folder.
func (u unpacked) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(u.ReadFileFS, name)
	for i, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ending) {
			entries[i] = plainEntry{e}
		}
	}
	return entries, err
}

// member is an open file that was unpacked.
type member struct {
	*bytes.Reader
	info fs.FileInfo
}

func (m *member) Stat() (fs.FileInfo, error) { return m.info, nil }
func (m *member) Close() error               { return nil }

// plainEntry is the entry of a file under its name without the ending.
type plainEntry struct{ fs.DirEntry }

func (e plainEntry) Name() string { return strings.TrimSuffix(e.DirEntry.Name(), ending) }

// plainInfo is what is known of a file that was unpacked.
type plainInfo struct {
	fs.FileInfo
	size int64
}

func (i plainInfo) Name() string { return strings.TrimSuffix(i.FileInfo.Name(), ending) }
func (i plainInfo) Size() int64  { return i.size }
