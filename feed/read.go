package feed

import (
	"context"
	"errors"
	"fmt"

	"binnacle/model"
)

// ErrUnknownFormat says that no format reads a content.
var ErrUnknownFormat = errors.New("not a format that Binnacle reads")

// Read reads a content with a format. Kinds and fields that the content defines
// are known to the rest of it. A fault of the reader is an error and not a panic.
func Read(ctx context.Context, f Format, schema *model.Schema, in Input) (*Batch, error) {
	b, err := read(ctx, f, schema, in)
	if err != nil {
		return nil, err
	}
	var kinds []*model.KindDefinition
	var fields []*model.FieldDefinition
	for _, item := range b.Items {
		switch d := item.Record.(type) {
		case *model.KindDefinition:
			if schema.Kind(d.Key) == nil {
				kinds = append(kinds, d)
			}
		case *model.FieldDefinition:
			if k := schema.Kind(d.Kind); k == nil || k.Field(d.Field) == nil {
				fields = append(fields, d)
			}
		}
	}
	if len(kinds)+len(fields) == 0 {
		return b, nil
	}
	grown, errs := schema.With(kinds, fields)
	if len(errs) > 0 {
		return nil, fmt.Errorf("%s: %w", in.Name, errors.Join(errs...))
	}
	return read(ctx, f, grown, in)
}

func read(ctx context.Context, f Format, schema *model.Schema, in Input) (b *Batch, err error) {
	b = NewBatch(schema, in.Name)
	if int64(len(in.Data)) > b.Limits.Bytes {
		return nil, fmt.Errorf("%s: the content has %d bytes; the limit is %d", in.Name, len(in.Data), b.Limits.Bytes)
	}
	defer func() {
		if r := recover(); r != nil {
			b, err = nil, fmt.Errorf("%s: reading it as %s failed because of a fault in Binnacle: %v", in.Name, f.Label, r)
		}
	}()
	b.Source.Format = f.Name
	if err := f.Read(ctx, in, b); err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	if len(b.Items) > b.Limits.Items {
		return nil, fmt.Errorf("%s: the content has %d records; the limit is %d", in.Name, len(b.Items), b.Limits.Items)
	}
	return b, nil
}
