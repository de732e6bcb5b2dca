package kit

import (
	"strings"

	"binnacle/feed"
	"binnacle/model"
)

// Release is the release that a bill of materials describes, where whoever imports it said so.
type Release struct {
	// Key is the key of the release: the key of what it is a release of, and the version.
	Key string
	// Identity is what tells the parts of this release from those of others.
	Identity string
	// Source is the key of the source: each release has one of its own, so that a newer one makes nothing of an older one stale.
	Source string
}

// ReleaseOf returns the release of something with a key and an identity in a version.
func ReleaseOf(key, identity, version string) Release {
	out := Release{Key: SubjectKey(key + "@" + feed.SlugOf(version)), Identity: identity + "@" + version}
	out.Source = "bom:" + out.Key
	return out
}

// AddTo names the release in a batch and returns a ref to it. Where there is a release with this key, it stays what it is.
// said is the version that the document itself has.
func (r Release) AddTo(b *feed.Batch, of model.Ref, title, version, said string, at feed.Where) model.Ref {
	rec := &model.Release{Of: of, Version: version}
	rec.Key, rec.Name = r.Key, title+" "+version
	if said != "" && strings.TrimPrefix(said, "v") != strings.TrimPrefix(version, "v") {
		b.Note("The document says that it describes the version %s. Its components belong to the release %s, as you said.", Short(said), version)
	}
	return b.Mention(rec, at, feed.External("release "+r.Identity))
}
