package kit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// The limits of the pages of a Parquet file.
const (
	// longestPage is how many bytes a page may have, packed or not. Programs write pages of about 1 MB.
	longestPage = 64 << 20
	// mostPageValues is how many values a page may have.
	mostPageValues = 16 << 20
)

// pageCheck looks at all pages of a row group before the library reads them, so that
// none takes more memory than a page may have: the library believes what a page says of
// its size, and unpacks it to whatever length comes out.
type pageCheck struct {
	buffered *bufio.Reader
	packed   []byte
	zstd     *zstd.Decoder
}

// check looks at the pages of a row group.
func (p *pageCheck) check(ctx context.Context, file *parquet.File, group int) error {
	if p.buffered == nil {
		p.buffered = bufio.NewReaderSize(nil, 1<<10)
	}
	for i := range file.Metadata().RowGroups[group].Columns {
		meta := &file.Metadata().RowGroups[group].Columns[i].MetaData
		at := meta.DataPageOffset
		if d := meta.DictionaryPageOffset; d > at {
			return errors.New("the Parquet file is damaged: the dictionary of a column stands behind its values")
		} else if d > 0 {
			at = d
		}
		end := at + meta.TotalCompressedSize
		if at < 0 || end < at || end > file.Size() {
			return errors.New("the Parquet file is damaged: a column lies outside of it")
		}
		for at < end {
			if err := ctx.Err(); err != nil {
				return err
			}
			length, err := p.page(file, at, end, meta.Codec)
			if err != nil {
				return fmt.Errorf("the Parquet file cannot be read at byte %d: %w", at, err)
			}
			at += length
		}
	}
	return nil
}

// page looks at one page and returns how long it is with its head.
func (p *pageCheck) page(file io.ReaderAt, at, end int64, codec format.CompressionCodec) (int64, error) {
	section := io.NewSectionReader(file, at, end-at)
	p.buffered.Reset(section)
	var protocol thrift.CompactProtocol
	var head format.PageHeader
	if err := thrift.NewDecoder(protocol.NewReader(p.buffered)).Decode(&head); err != nil {
		return 0, fmt.Errorf("the head of a page is damaged: %w", err)
	}
	read, _ := section.Seek(0, io.SeekCurrent)
	read -= int64(p.buffered.Buffered())
	size, values := head.CompressedPageSize, max(head.DataPageHeader.V.NumValues, head.DataPageHeaderV2.V.NumValues, head.DictionaryPageHeader.V.NumValues)
	if outside(size, longestPage) || outside(head.UncompressedPageSize, longestPage) || outside(values, mostPageValues) {
		return 0, fmt.Errorf("a page has %d bytes and %d values: at most %d and %d are read; write it with smaller pages", head.UncompressedPageSize, values, longestPage, mostPageValues)
	}
	length := read + int64(size)
	if length > end-at {
		return 0, errors.New("a page is longer than its column")
	}
	levels := int32(0)
	if head.DataPageHeaderV2.Valid {
		v2 := &head.DataPageHeaderV2.V
		if v2.IsCompressed.Valid && !v2.IsCompressed.V {
			return length, nil
		}
		if outside(v2.RepetitionLevelsByteLength, size) || outside(v2.DefinitionLevelsByteLength, size-v2.RepetitionLevelsByteLength) {
			return 0, errors.New("the levels of a page are longer than the page")
		}
		levels = v2.RepetitionLevelsByteLength + v2.DefinitionLevelsByteLength
	}
	if codec == format.Uncompressed || size == levels {
		return length, nil
	}
	p.packed = append(p.packed[:0], make([]byte, size-levels)...)
	if _, err := file.ReadAt(p.packed, at+read+int64(levels)); err != nil {
		return 0, err
	}
	return length, p.unpack(codec)
}

func outside(n, most int32) bool { return n < 0 || n > most }

// unpack finds out whether a page unpacks to what a page may have.
func (p *pageCheck) unpack(codec format.CompressionCodec) (err error) {
	var plain io.Reader
	switch codec {
	case format.Snappy:
		if n, used := binary.Uvarint(p.packed); used <= 0 || n > longestPage {
			return errors.New("a page is damaged: its packed length is wrong")
		}
		return nil
	case format.Zstd:
		if p.zstd == nil {
			if p.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(longestPage)); err != nil {
				return err
			}
		}
		if err := p.zstd.Reset(bytes.NewReader(p.packed)); err != nil {
			return err
		}
		plain = p.zstd
	case format.Gzip:
		if plain, err = gzip.NewReader(bytes.NewReader(p.packed)); err != nil {
			return err
		}
	case format.Brotli:
		plain = brotli.NewReader(bytes.NewReader(p.packed))
	default:
		// The library drops what it unpacked with LZ4 where its guess of the length was too short, and the values would be wrong.
		return fmt.Errorf("its pages are packed with %s: write it with zstd, snappy or gzip", codec)
	}
	n, err := io.CopyN(io.Discard, plain, longestPage+1)
	switch {
	case n > longestPage:
		return fmt.Errorf("a page unpacks to more than %d bytes", longestPage)
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("a page cannot be unpacked: %w", err)
	}
	return nil
}
