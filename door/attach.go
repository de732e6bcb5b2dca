package door

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/webp"

	"binnacle/access"
	"binnacle/model"
	"binnacle/vault"
)

// The limits of attachments.
const (
	// LargestFile is how many bytes one file may have.
	LargestFile = 25 << 20
	// FileQuota is how many bytes one account may attach in all.
	FileQuota = 1 << 30
	// MostFiles is how many files one account may attach.
	MostFiles = 5000
	// MostPixels is how many pixels an image may have.
	MostPixels = 50_000_000
)

// The buckets of the vault that attachments are kept in.
const (
	contentBucket = "attachment-content"
	quotaBucket   = "attachment-quota"
)

// NewKey returns a key that no other record has, for records that people do not name: comments, attachments, saved views.
func NewKey(prefix string) string { return prefix + "-" + strings.ToLower(rand.Text()[:12]) }

// File is a file that somebody attaches to a record.
type File struct {
	// Name is the name that the person's machine gave it. It may be anything.
	Name string
	// Data is the content.
	Data []byte
}

// Attach attaches a file to a record. The content goes into the vault under its digest, and a record of kind Attachment into
// the journal. The error is a [*Refused] where the file is too large, is not what its name says, or the account has no room left.
func (h *House) Attach(ctx context.Context, p *access.Principal, m Moment, about model.Record, file File) (Receipt, error) {
	name := SafeFileName(file.Name)
	mediaType, err := SniffFile(name, file.Data)
	if err != nil {
		return Receipt{}, refuse("Attachment", name, "file", err.Error())
	}
	v, err := h.Look(ctx, p, Moment{Scenario: m.Scenario})
	if err != nil {
		return Receipt{}, err
	}
	sum := sha256.Sum256(file.Data)
	digest := hex.EncodeToString(sum[:])
	key := NewKey("file")
	change, err := h.Build(ctx, p, v, Edit{Kind: "Attachment", Key: key, Create: true, Set: map[string]any{
		"about": about.Base().ID.String(), "file_name": name, "name": name, "media_type": mediaType, "size": len(file.Data), "digest": digest}})
	if err != nil {
		return Receipt{}, err
	}
	tx := Tx{Why: "Attach " + name, Changes: []model.Change{change}}
	dry := tx
	dry.DryRun = true
	if _, err := h.Write(ctx, p, m, dry); err != nil {
		return Receipt{}, err
	}
	if err := h.useQuota(ctx, p, name, len(file.Data)); err != nil {
		return Receipt{}, err
	}
	if _, err := h.Vault.Put(ctx, contentBucket, vault.Item{Key: digest, Value: file.Data}); err != nil {
		return Receipt{}, errors.Join(err, h.giveQuota(ctx, p, len(file.Data)))
	}
	r, err := h.Write(ctx, p, m, tx)
	if err != nil {
		err = errors.Join(err, h.giveQuota(ctx, p, len(file.Data)))
	}
	return r, err
}

// useQuota takes room for a file from what an account may attach.
func (h *House) useQuota(ctx context.Context, p *access.Principal, name string, size int) error {
	return h.countFiles(ctx, p, func(files, bytes int) (int, int, error) {
		files, bytes = files+1, bytes+size
		if files > MostFiles || bytes > FileQuota {
			return 0, 0, refuse("Attachment", name, "file", fmt.Sprintf("you have attached %d files with %d MB, and the limits are %d files and %d MB", files-1, (bytes-size)>>20, MostFiles, FileQuota>>20))
		}
		return files, bytes, nil
	})
}

// giveQuota gives room back for a file that was not kept.
func (h *House) giveQuota(ctx context.Context, p *access.Principal, size int) error {
	return h.countFiles(context.WithoutCancel(ctx), p, func(files, bytes int) (int, int, error) { return max(0, files-1), max(0, bytes-size), nil })
}

func (h *House) countFiles(ctx context.Context, p *access.Principal, count func(files, bytes int) (int, int, error)) error {
	_, err := vault.Update(ctx, h.Vault, quotaBucket, p.Account.ID.String(), func(item vault.Item) (vault.Item, error) {
		a, b, _ := strings.Cut(string(item.Value), " ")
		files, _ := strconv.Atoi(a)
		size, _ := strconv.Atoi(b)
		files, size, err := count(files, size)
		item.Value = fmt.Appendf(nil, "%d %d", files, size)
		return item, err
	})
	return err
}

// Content returns the content of an attachment, which the caller got from a view. The error is a [*NotFound] where the content is not kept.
func (h *House) Content(ctx context.Context, a *model.Attachment) ([]byte, error) {
	item, err := h.Vault.Get(ctx, contentBucket, a.Digest)
	if errors.Is(err, vault.ErrNone) {
		return nil, &NotFound{"content of attachment " + a.Key}
	}
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(item.Value); hex.EncodeToString(sum[:]) != a.Digest {
		return nil, fmt.Errorf("the content of attachment %s is not what was attached: its digest differs", a.Key)
	}
	return item.Value, nil
}

// SafeFileName returns the last part of a file name without anything that a header, a shell or a file system could take for something else.
func SafeFileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) || strings.ContainsRune(`"<>:/\|?*;%`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	name = strings.Trim(name, ". ")
	if r := []rune(name); len(r) > 120 {
		ext := []rune(path.Ext(name))
		if len(ext) > 12 {
			ext = nil
		}
		name = string(r[:120-len(ext)]) + string(ext)
	}
	if name == "" || name == "_" {
		return "file"
	}
	return name
}

// sniffed are the types that the content must have where the name ends in a certain way.
var sniffed = map[string][]string{
	".png": {"image/png"}, ".jpg": {"image/jpeg"}, ".jpeg": {"image/jpeg"}, ".gif": {"image/gif"}, ".webp": {"image/webp"}, ".pdf": {"application/pdf"},
	".zip": {"application/zip"}, ".docx": {"application/zip"}, ".xlsx": {"application/zip"}, ".pptx": {"application/zip"}, ".odt": {"application/zip"}, ".ods": {"application/zip"},
	".gz": {"application/x-gzip"}, ".txt": {"text/plain"}, ".csv": {"text/plain"}, ".md": {"text/plain", "text/html"}, ".json": {"text/plain"}, ".log": {"text/plain"},
	".yaml": {"text/plain"}, ".yml": {"text/plain"},
}

// SniffFile returns what a content is, and an error where it is too large, empty, not what its name says or an image with too many pixels.
func SniffFile(name string, data []byte) (string, error) {
	switch {
	case len(data) == 0:
		return "", errors.New("the file is empty")
	case len(data) > LargestFile:
		return "", fmt.Errorf("the file has %d MB, and the limit is %d MB", len(data)>>20, LargestFile>>20)
	}
	found := http.DetectContentType(data)
	bare, _, _ := strings.Cut(found, ";")
	ext := strings.ToLower(path.Ext(name))
	if want := sniffed[ext]; want != nil && !slices.Contains(want, bare) {
		return "", fmt.Errorf("the name ends in %s, but the content is %s: give the file the right name", ext, bare)
	}
	if strings.HasPrefix(bare, "image/") {
		if c, err := sizeOf(bare, data); err == nil && (c.Width <= 0 || c.Height <= 0 || c.Width > MostPixels/c.Height) {
			return "", fmt.Errorf("the image is %d by %d pixels, and the limit is %d million pixels", c.Width, c.Height, MostPixels/1_000_000)
		} else if err != nil {
			return "", fmt.Errorf("the image cannot be read: %w", err)
		}
	}
	head := bytes.ToLower(data[:min(len(data), 4096)])
	if ext == ".svg" || bytes.Contains(head, []byte("<svg")) {
		return "image/svg+xml", nil
	}
	return bare, nil
}

// sizeOf returns how large an image is. Of formats that are not known it tells 1 pixel: nobody shows them.
func sizeOf(mediaType string, data []byte) (image.Config, error) {
	decode := map[string]func(io.Reader) (image.Config, error){
		"image/png": png.DecodeConfig, "image/jpeg": jpeg.DecodeConfig, "image/gif": gif.DecodeConfig, "image/webp": webp.DecodeConfig,
	}[mediaType]
	if decode == nil {
		return image.Config{Width: 1, Height: 1}, nil
	}
	return decode(bytes.NewReader(data))
}
