package all

import (
	"archive/zip"
	"bufio"
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
	// Input is the content. Its data is empty where it was skipped, and where it is streamed. Bulk lines have Input.Bulk set.
	Input feed.Input
	// Format is the format that it is of, where it holds records.
	Format feed.Format
	// Skipped says why a file beside the data is not read. It is empty for contents to read.
	Skipped string
}

// mostEntries is how many files one archive may hold. Databases of advisories are archives of some hundred thousand small ones.
var mostEntries = 500_000

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
			o.file(os.Open, path, filepath.ToSlash(path), true)
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
		o.content(source{name: name, at: bytes.NewReader(data), size: int64(len(data)), data: data}, true, 0)
	}
}

// UnpackStream does the same with a content that is not held in memory.
func UnpackStream(name string, open func() (*feed.Stream, error), limits feed.Limits) iter.Seq2[Content, error] {
	return func(yield func(Content, error) bool) {
		o := &opener{limits: limits, yield: yield}
		stream, err := open()
		if err != nil {
			o.fail(fmt.Errorf("open %s: %w", name, cause(err)))
			return
		}
		defer stream.Close()
		o.content(source{name: name, at: stream, size: stream.Size, open: open}, true, 0)
	}
}

// opener hands out contents until nobody wants more.
type opener struct {
	limits  feed.Limits
	yield   func(Content, error) bool
	stopped bool
	found   int
	// buffered reads what is packed, one after the other.
	buffered *bufio.Reader
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

// namesIn returns the names of the files in a ZIP archive.
func namesIn(z *zip.Reader) []string {
	out := make([]string, 0, len(z.File))
	for _, f := range z.File {
		if !hidden(f.Name) {
			out = append(out, f.Name)
		}
	}
	return out
}

// whole gives out a folder whose files are one content together, packed into one, and reports whether it is such a folder.
func (o *opener) whole(root *os.Root, path string) bool {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return false
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	bulk := wholeArchive(names)
	if bulk == nil {
		return false
	}
	o.found++
	open := func() (*feed.Stream, error) { return o.pack(root, names) }
	o.give(Content{Input: feed.Input{Name: filepath.ToSlash(path), Bulk: bulk, Open: open}}, nil)
	return true
}

// pack puts files of a folder into a ZIP archive, which goes when the stream is closed.
func (o *opener) pack(root *os.Root, names []string) (_ *feed.Stream, err error) {
	f, err := os.CreateTemp(o.limits.Temp, "packed-*")
	if err != nil {
		return nil, fmt.Errorf("there is no place to pack the folder: %w", err)
	}
	remove := func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
	defer func() {
		if err != nil {
			remove()
		}
	}()
	z := zip.NewWriter(f)
	left := o.limits.Bulk
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			return nil, err
		}
		in, err := root.Open(name)
		if err != nil {
			return nil, cause(err)
		}
		n, err := io.Copy(w, io.LimitReader(in, left+1))
		if err := errors.Join(err, in.Close()); err != nil {
			return nil, cause(err)
		}
		if left -= n; left < 0 {
			return nil, tooLarge(o.limits.Bulk)
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	return feed.NewStream(f, size, remove), nil
}

func (o *opener) walk(root *os.Root, path string) {
	if o.whole(root, path) {
		return
	}
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
			o.file(root.Open, name, full, false)
		}
		return nil
	})
	if o.found == 0 && !o.stopped {
		o.fail(fmt.Errorf("open %s: no file in the folder is of a format that Binnacle reads", path))
	}
}

// source is something that may be a content, or an archive of contents.
type source struct {
	name string
	at   io.ReaderAt
	size int64
	// data is the whole of it where it is held, and open opens it again where it is not.
	data []byte
	open func() (*feed.Stream, error)
}

// head returns what tells the format: mostly the first bytes.
func (s source) head() ([]byte, error) {
	head, err := Head(s.at, s.size)
	if err != nil {
		return nil, cause(err)
	}
	return head, nil
}

// whole returns all bytes of something that is no longer than the limit.
func (s source) whole(limit int64) ([]byte, error) {
	if s.data != nil {
		return s.data, nil
	}
	return readAll(io.NewSectionReader(s.at, 0, s.size), limit)
}

// file looks into a file.
func (o *opener) file(open func(string) (*os.File, error), name, full string, named bool) {
	again := func() (*feed.Stream, error) {
		f, err := open(name)
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, err
		}
		return feed.NewStream(f, info.Size(), f.Close), nil
	}
	f, err := again()
	if err != nil {
		o.fail(fmt.Errorf("open %s: %w", full, cause(err)))
		return
	}
	defer f.Close()
	o.content(source{name: full, at: f, size: f.Size, open: again}, named, 0)
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
func (o *opener) content(s source, named bool, depth int) {
	head, err := s.head()
	if err != nil {
		o.fail(fmt.Errorf("open %s: %w", s.name, err))
		return
	}
	archive := isGzip(head)
	if isZip(head) {
		z, err := zip.NewReader(s.at, s.size)
		archive = err == nil && !office(z)
		if archive && depth == 0 {
			if bulk := wholeArchive(namesIn(z)); bulk != nil {
				o.found++
				o.give(Content{Input: feed.Input{Name: s.name, Data: s.data, Bulk: bulk, Open: s.open}}, nil)
				return
			}
		}
	}
	if archive {
		o.archive(s, head, named, depth)
		return
	}
	if bulk := bulkOf(head); bulk != nil {
		o.found++
		o.give(Content{Input: feed.Input{Name: s.name, Data: s.data, Bulk: bulk, Open: s.open}}, nil)
		return
	}
	data, err := s.whole(o.limits.Bytes)
	if err != nil {
		o.fail(fmt.Errorf("open %s: %w", s.name, err))
		return
	}
	o.held(s, data, head, named, depth)
}

// bulkOf returns the bulk format of a content by its first bytes, or nil. A small object in JSON that is certainly of a format of records is
// no table, and is not tried as one: databases of advisories have some hundred thousand of them.
func bulkOf(head []byte) *feed.Bulk {
	if len(head) > 0 && len(head) < feed.DetectBytes && head[0] == '{' && certainly(head) {
		return nil
	}
	return BulkOf(head)
}

// held gives out a content that is in memory.
func (o *opener) held(s source, data, head []byte, named bool, depth int) {
	// What is in a workbook is told by its end, which the first bytes of a large one do not have.
	if isZip(head) && len(data) > len(head) {
		if bulk := BulkOf(data); bulk != nil {
			o.found++
			o.give(Content{Input: feed.Input{Name: s.name, Data: data, Bulk: bulk}}, nil)
			return
		}
	}
	format, err := Detect(data)
	switch {
	case err == nil:
		o.found++
		o.give(Content{Input: feed.Input{Name: s.name, Data: data}, Format: format}, nil)
	case isZip(head):
		o.archive(s, head, named, depth)
	case named:
		o.fail(fmt.Errorf("open %s: %w", s.name, err))
	default:
		o.skip(s.name, err.Error())
	}
}

// archive takes an archive apart.
func (o *opener) archive(s source, head []byte, named bool, depth int) {
	switch {
	case depth > 0:
		o.fail(fmt.Errorf("open %s: it is an archive inside an archive: unpack it first", s.name))
	case isGzip(head):
		o.gzip(s, named)
	default:
		o.zip(s)
	}
}

// office reports whether a zip archive is a document of an office program.
func office(z *zip.Reader) bool {
	return slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == "[Content_Types].xml" || f.Name == "mimetype" })
}

func isGzip(data []byte) bool { return bytes.HasPrefix(data, []byte{0x1F, 0x8B}) }

func isZip(data []byte) bool {
	return bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06"))
}

func (o *opener) gzip(s source, named bool) {
	open := func() (io.ReadCloser, error) {
		if s.open == nil {
			return gzip.NewReader(bytes.NewReader(s.data))
		}
		stream, err := s.open()
		if err != nil {
			return nil, cause(err)
		}
		r, err := gzip.NewReader(io.NewSectionReader(stream, 0, stream.Size))
		if err != nil {
			stream.Close()
			return nil, err
		}
		return unpacking{r, stream}, nil
	}
	p := packed{name: strings.TrimSuffix(s.name, ".gz"), size: s.size, open: open}
	if _, err := o.packed(p, o.limits.Bytes, named); err != nil {
		o.fail(fmt.Errorf("open %s: %w", s.name, err))
	}
}

// unpacking is a reader of something packed together with what it is read from.
type unpacking struct {
	io.Reader
	from io.Closer
}

// Close ends the use of what it is read from.
func (u unpacking) Close() error { return u.from.Close() }

// packed is one thing that is packed in an archive.
type packed struct {
	name string
	// size is how long it is while it is packed.
	size int64
	open func() (io.ReadCloser, error)
}

// packed gives out something that is packed. Bulk lines are not unpacked before somebody reads them; everything else
// is held and may be as long as is left of the limit. It returns how long what is held is.
func (o *opener) packed(p packed, left int64, named bool) (held int64, err error) {
	r, err := p.open()
	if err != nil {
		return 0, broken(err)
	}
	defer r.Close()
	if o.buffered == nil {
		o.buffered = bufio.NewReaderSize(nil, feed.DetectBytes)
	}
	o.buffered.Reset(r)
	if head, _ := o.buffered.Peek(feed.DetectBytes); !isGzip(head) && !isZip(head) {
		if bulk := bulkOf(head); bulk != nil {
			o.found++
			o.give(Content{Input: feed.Input{Name: p.name, Bulk: bulk, Open: func() (*feed.Stream, error) { return o.unpackFile(p) }}}, nil)
			return 0, nil
		}
	}
	data, err := o.unpack(o.buffered, p.size, left)
	if err != nil {
		return 0, err
	}
	o.content(source{name: p.name, at: bytes.NewReader(data), size: int64(len(data)), data: data}, named, 1)
	return int64(len(data)), nil
}

// unpackFile unpacks bulk lines into a file, which goes when the stream is closed.
func (o *opener) unpackFile(p packed) (_ *feed.Stream, err error) {
	r, err := p.open()
	if err != nil {
		return nil, broken(err)
	}
	defer r.Close()
	f, err := os.CreateTemp(o.limits.Temp, "unpacked-*")
	if err != nil {
		return nil, fmt.Errorf("there is no place to unpack it: %w", err)
	}
	remove := func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
	defer func() {
		if err != nil {
			remove()
		}
	}()
	limit := min(o.limits.Bulk, max(allowance, p.size*o.limits.Ratio))
	n, err := io.Copy(f, io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, broken(err)
	case n > o.limits.Bulk:
		return nil, tooLarge(o.limits.Bulk)
	case n > limit:
		return nil, o.tooDense()
	}
	return feed.NewStream(f, n, remove), nil
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
		return nil, o.tooDense()
	}
	return data, nil
}

func (o *opener) tooDense() error {
	return fmt.Errorf("it becomes more than %d times larger when it is unpacked, which is the limit", o.limits.Ratio)
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

func (o *opener) zip(s source) {
	name := s.name
	z, err := zip.NewReader(s.at, s.size)
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
		held, err := o.packed(packed{name: full, size: int64(min(f.CompressedSize64, 1<<40)), open: f.Open}, left, false)
		if err != nil {
			o.fail(fmt.Errorf("open %s: %w", full, err))
			continue
		}
		left -= held
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
