package cyclonedx

import (
	"slices"
	"strconv"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// service is one service.
type service struct {
	node   *node
	path   string
	ref    string
	name   string
	group  string
	record *model.Service
}

// collectServices gathers the services of a list and those inside them.
func (r *reader) collectServices(list []*node, path string) error {
	for i, n := range list {
		if err := r.room(); err != nil {
			return err
		}
		path := path + "[" + strconv.Itoa(i) + "]"
		s := &service{node: n, path: path, ref: n.string("bom-ref"), name: n.string("name"), group: n.string("group")}
		switch {
		case n.kind != objectNode || n.bad:
			r.incomplete = true
		case feed.SlugOf(s.name) == "":
			r.incomplete = true
			r.batch.RefuseRecord(r.at(n, path), "", "name", "the name is empty: a service needs a name")
		default:
			r.services = append(r.services, s)
		}
		if err := r.collectServices(n.list("services"), path+".services"); err != nil {
			return err
		}
	}
	return nil
}

// addServices adds the services, and names their providers.
func (r *reader) addServices() {
	names := map[string]int{}
	for _, s := range r.services {
		names[kit.KeyOf(s.name)]++
	}
	taken := map[string]bool{}
	r.providers = map[string]bool{}
	slices.SortStableFunc(r.services, func(a, b *service) int {
		return strings.Compare(a.group+"/"+a.name+"/"+a.node.string("version")+"/"+a.ref, b.group+"/"+b.name+"/"+b.node.string("version")+"/"+b.ref)
	})
	for _, s := range r.services {
		key := kit.KeyOf(s.name)
		if names[key] > 1 {
			key = kit.KeyOf(s.group, s.name)
		}
		for n := 2; taken[key]; n++ {
			key = kit.KeyOf(s.group, s.name) + "-" + strconv.Itoa(n)
		}
		taken[key] = true
		s.record = &model.Service{}
		s.record.Key, s.record.Name, s.record.Description = key, s.name, s.node.string("description")
		r.batch.Add(s.record, r.at(s.node, s.path), feed.External(r.subject.identity+" service "+key))
		r.mentionProvider(s)
	}
}

// mentionProvider names the organisation that provides a service.
func (r *reader) mentionProvider(s *service) {
	provider := s.node.get("provider")
	key := kit.KeyOf(provider.string("name"))
	if key == "" || r.providers[key] {
		return
	}
	r.providers[key] = true
	vendor := &model.Vendor{Website: webAddress(provider.list("url"))}
	vendor.Key, vendor.Name = key, provider.string("name")
	r.batch.Mention(vendor, r.at(provider, s.path+".provider"), feed.External("vendor "+key))
}
