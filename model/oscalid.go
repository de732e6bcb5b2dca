package model

import (
	"crypto/sha1"
	"regexp"
	"strings"
)

// oscalSpace is the name space of the identifiers that records without one of their own have in OSCAL documents. It is a random UUID of ours.
var oscalSpace = ID{0x6b, 0x0e, 0x4c, 0x52, 0x9d, 0x31, 0x4a, 0x7f, 0x8e, 0x25, 0x71, 0xd3, 0x0a, 0xc9, 0x5b, 0x84}

var oscalUUID = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$`)

var oscalToken = regexp.MustCompile(`^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$`)

// OscalToken returns what stands for the identifier of a requirement in OSCAL documents, where it must be a token: a letter or an
// underscore, followed by letters, digits, points, hyphens and underscores.
func OscalToken(id string) string {
	if oscalToken.MatchString(id) {
		return id
	}
	id = strings.Map(func(r rune) rune {
		if oscalToken.MatchString("_" + string(r)) {
			return r
		}
		return '_'
	}, id)
	if !oscalToken.MatchString(id) {
		id = "_" + id
	}
	return id
}

// OscalIdentifier returns the identifier that a record has in OSCAL documents: its own where that is a UUID as OSCAL wants it,
// else one of version 5 (RFC 9562) that follows from what it is for and from the id of the record.
func OscalIdentifier(own, purpose string, id ID) string {
	if oscalUUID.MatchString(own) {
		return own
	}
	sum := sha1.Sum(append(append(oscalSpace[:], purpose+"\x00"...), id[:]...))
	out := ID(sum[:16])
	out[6] = out[6]&0x0f | 0x50
	out[8] = out[8]&0x3f | 0x80
	return out.String()
}
