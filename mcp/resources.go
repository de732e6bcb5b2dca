package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"binnacle/access"
)

const (
	resourceScheme = "binnacle"
	jsonType       = "application/json"
	kindsURI       = "binnacle://kinds"
)

// addResources offers the kinds, and every record under binnacle://Kind/key.
func (s *server) addResources(out *sdk.Server) {
	out.AddResource(&sdk.Resource{URI: kindsURI, Name: "kinds", Title: "Kinds of records", MIMEType: jsonType,
		Description: "The kinds of records with what each is for and how many there are."}, s.readResource)
	out.AddResourceTemplate(&sdk.ResourceTemplate{URITemplate: "binnacle://{kind}/{key}", Name: "record", Title: "A record", MIMEType: jsonType,
		Description: "One record with its fields and links. Kind and key are written as in an address, with %2F for a slash. " + asData}, s.readResource)
}

// readResource reads the kinds or a record.
func (s *server) readResource(ctx context.Context, req *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
	p, err := s.who(ctx)
	if err != nil {
		return nil, fmt.Errorf("the token is not, or no longer, good for anything")
	}
	uri := req.Params.URI
	got, err := s.resource(ctx, p, uri)
	if err != nil {
		// Whether it is not there or out of sight is not told.
		return nil, sdk.ResourceNotFoundError(uri)
	}
	raw, err := json.Marshal(got.data)
	if err != nil {
		return nil, err
	}
	return &sdk.ReadResourceResult{Contents: []*sdk.ResourceContents{{URI: uri, MIMEType: jsonType, Text: string(raw)}}}, nil
}

func (s *server) resource(ctx context.Context, p *access.Principal, uri string) (answer, error) {
	if uri == kindsURI {
		return s.listKinds(ctx, p, args{})
	}
	rest, ok := strings.CutPrefix(uri, resourceScheme+"://")
	kind, key, more := strings.Cut(rest, "/")
	if !ok || !more {
		return answer{}, bad("%q is not a resource", uri)
	}
	kind, err := url.PathUnescape(kind)
	if err != nil {
		return answer{}, err
	}
	if key, err = url.PathUnescape(key); err != nil {
		return answer{}, err
	}
	return s.getRecord(ctx, p, args{"kind": kind, "key": key})
}
