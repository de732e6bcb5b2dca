package all

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"binnacle/feed"
)

// Content is one content that was found, with its format, or with the reason why it is not read.
type Content struct {
	// Input is the content. Its data is empty where it was skipped.
	Input feed.Input
	// Format is the format that it is of.
	Format feed.Format
	// Skipped says why a file beside the data is not read. It is empty for contents to read.
	Skipped string
}

// mostEntries is how many files one archive may hold.
const mostEntries = 10_000

// allowance is how large something may become when it is unpacked, however small it was.
const allowance = 1 << 20

// Open yields the contents of a file, of the files in an archive (zip or gzip),
// or of those in a folder and the folders in it, in the order of their names. Links are not
// followed. Files in a folder or an archive that are of no format that Binnacle reads are
// skipped; a file that was named itself and cannot be read is an error. After an error the rest follows.
func Open(path string, limits feed.Limits) iter.Seq2[Content, error] {
	return func(yield func(Content, error) bool) {
		o := &opener{limits: limits, yield: yield}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			o.fail(fmt.Errorf("open %s: %w", path, cause(err)))
		case info.IsDir():
			o.folder(path)
		case !info.Mode().IsRegular():
			o.fail(fmt.Errorf("open %s: it is neither a file nor a folder", path))
		default:
			data, err := readFile(os.Open, path, limits.Bytes)
			if err != nil {
				o.fail(fmt.Errorf("open %s: %w", path, err))
				return
			}
			o.content(filepath.ToSlash(path), data, true, 0)
		}
	}
}

// Unpack yields a content that is in memory, or the contents in it where it is an archive, as [Open] does.
func Unpack(name string, data []byte, limits feed.Limits) iter.Seq2[Content, error] {
	return func(yield func(Content, error) bool) {
		o := &opener{limits: limits, yield: yield}
		if int64(len(data)) > limits.Bytes {
			o.fail(fmt.Errorf("open %s: %w", name, tooLarge(limits.Bytes)))
			return
		}
		o.content(name, data, true, 0)
	}
}

// opener hands out contents until nobody wants more.
type opener struct {
	limits  feed.Limits
	yield   func(Content, error) bool
	stopped bool
	found   int
}

func (o *opener) give(c Content, err error) {
	if !o.stopped {
		o.stopped = !o.yield(c, err)
	}
}

func (o *opener) fail(err error) { o.give(Content{}, err) }

func (o *opener) skip(name, reason string) {
	o.give(Content{Input: feed.Input{Name: name}, Skipped: reason}, nil)
}

// OpenIn yields the contents of a folder that is open already, as [Open] does:
// nothing outside of it is read. The path only names the folder in messages and in the names of the contents.
func OpenIn(root *os.Root, path string, limits feed.Limits) iter.Seq2[Content, error] {
	return func(yield func(Content, error) bool) {
		o := &opener{limits: limits, yield: yield}
		o.walk(root, path)
	}
}

func (o *opener) folder(path string) {
	root, err := os.OpenRoot(path)
	if err != nil {
		o.fail(fmt.Errorf("open %s: %w", path, cause(err)))
		return
	}
	defer root.Close()
	o.walk(root, path)
}

func (o *opener) walk(root *os.Root, path string) {
	fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		full := filepath.ToSlash(filepath.Join(path, name))
		switch {
		case o.stopped:
			return fs.SkipAll
		case err != nil:
			o.fail(fmt.Errorf("open %s: %w", full, cause(err)))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			o.skip(full, "it is a hidden folder")
			return fs.SkipDir
		case d.IsDir():
		case d.Type()&fs.ModeSymlink != 0:
			o.skip(full, "it is a link, and links are not followed")
		case !d.Type().IsRegular():
			o.skip(full, "it is not a file")
		case strings.HasPrefix(d.Name(), "."):
			o.skip(full, "it is a hidden file")
		default:
			data, err := readFile(root.Open, name, o.limits.Bytes)
			if err != nil {
				o.fail(fmt.Errorf("open %s: %w", full, err))
				return nil
			}
			o.content(full, data, false, 0)
		}
		return nil
	})
	if o.found == 0 && !o.stopped {
		o.fail(fmt.Errorf("open %s: no file in the folder is of a format that Binnacle reads", path))
	}
}

// readFile reads a file that is no longer than the limit.
func readFile(open func(string) (*os.File, error), name string, limit int64) ([]byte, error) {
	f, err := open(name)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	return readAll(f, limit)
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, cause(err)
	}
	if int64(len(data)) > limit {
		return nil, tooLarge(limit)
	}
	return data, nil
}

func tooLarge(limit int64) error {
	return fmt.Errorf("it has more than %d bytes, which is the limit: split it", limit)
}

// cause takes the name of the file off an error, because the caller says it already.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// content gives out a content, or what is in it where it is an archive.
func (o *opener) content(name string, data []byte, named bool, depth int) {
	format, err := Detect(data)
	switch {
	case err == nil:
		o.found++
		o.give(Content{Input: feed.Input{Name: name, Data: data}, Format: format}, nil)
	case isGzip(data) || isZip(data):
		if depth > 0 {
			o.fail(fmt.Errorf("open %s: it is an archive inside an archive: unpack it first", name))
			return
		}
		if isGzip(data) {
			o.gzip(name, data, named)
			return
		}
		o.zip(name, data)
	case named:
		o.fail(fmt.Errorf("open %s: %w", name, err))
	default:
		o.skip(name, err.Error())
	}
}

func isGzip(data []byte) bool { return bytes.HasPrefix(data, []byte{0x1F, 0x8B}) }

func isZip(data []byte) bool {
	return bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06"))
}

func (o *opener) gzip(name string, data []byte, named bool) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		o.fail(fmt.Errorf("open %s: the archive is broken: %w", name, err))
		return
	}
	inside, err := o.unpack(r, int64(len(data)), o.limits.Bytes)
	if err != nil {
		o.fail(fmt.Errorf("open %s: %w", name, err))
		return
	}
	o.content(strings.TrimSuffix(name, ".gz"), inside, named, 1)
}

// unpack reads something packed that had so many bytes. It may become no larger than the limits and what is left of them allow.
func (o *opener) unpack(r io.Reader, packed, left int64) ([]byte, error) {
	limit := max(allowance, packed*o.limits.Ratio)
	if limit >= left {
		data, err := readAll(r, left)
		return data, broken(err)
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, broken(err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it becomes more than %d times larger when it is unpacked, which is the limit", o.limits.Ratio)
	}
	return data, nil
}

func broken(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the archive ends too early: it is not complete")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, zip.ErrFormat):
		return fmt.Errorf("the archive is broken: %w", err)
	}
	return err
}

func (o *opener) zip(name string, data []byte) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		o.fail(fmt.Errorf("open %s: the archive is broken or not complete: %w", name, err))
		return
	}
	if len(z.File) > mostEntries {
		o.fail(fmt.Errorf("open %s: the archive has %d files; the limit is %d", name, len(z.File), mostEntries))
		return
	}
	slices.SortStableFunc(z.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	before := o.found
	left := o.limits.Bytes
	seen := map[string]bool{}
	for _, f := range z.File {
		full := name + "/" + f.Name
		if o.stopped {
			return
		}
		if f.FileInfo().IsDir() && fs.ValidPath(strings.TrimSuffix(f.Name, "/")) {
			continue
		}
		if err := refuseEntry(f, seen); err != nil {
			o.fail(fmt.Errorf("open %q: %w", full, err))
			continue
		}
		if hidden(f.Name) {
			o.skip(full, "it is a hidden file")
			continue
		}
		inside, err := o.entry(f, left)
		if err != nil {
			o.fail(fmt.Errorf("open %s: %w", full, err))
			continue
		}
		left -= int64(len(inside))
		o.content(full, inside, false, 1)
	}
	if o.found == before && !o.stopped {
		o.fail(fmt.Errorf("open %s: no file in the archive is of a format that Binnacle reads", name))
	}
}

// hidden reports whether a name, or a folder on the way to it, is one that people do not see. Archives of macOS have a folder of such.
func hidden(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return strings.HasPrefix(part, ".") || part == "__MACOSX" })
}

// refuseEntry says why a file in an archive is not even looked at, or nothing.
func refuseEntry(f *zip.File, seen map[string]bool) error {
	name := f.Name
	switch {
	case !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") || len(name) > 1 && name[1] == ':':
		return errors.New("the name leads out of the archive, or is not a name")
	case seen[name]:
		return errors.New("the archive has two files of this name")
	case !f.Mode().IsRegular():
		return errors.New("it is a link or another special file")
	case f.Flags&1 != 0:
		return errors.New("it needs a password")
	}
	seen[name] = true
	return nil
}

func (o *opener) entry(f *zip.File, left int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, broken(err)
	}
	defer r.Close()
	return o.unpack(r, int64(min(f.CompressedSize64, 1<<40)), left)
}
