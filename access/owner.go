package access

import "binnacle/model"

// Owner returns a principal with every right, for whoever works on the estate at
// its own machine: that person holds the database and could do everything without
// being asked. It has no account, no session and no secret.
func (s *Service) Owner(who string) *Principal {
	snap := s.store.Snapshot()
	role := &model.Role{ReadsConfidential: true, Imports: true, Administers: true, Permissions: []model.Permission{
		{Kinds: "*", Read: "all", Write: "all", Approve: "all"}, {Kinds: AccessGroup, Read: "all", Write: "all", Approve: "all"},
	}}
	p := &Principal{Account: &model.Account{Meta: model.Meta{Key: who, Name: who}, UserName: who, State: "active"}, Roles: []*model.Role{role}, now: snap}
	p.rights = rightsOf(snap.Schema(), p.Roles)
	return p
}
