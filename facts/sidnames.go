package facts

import (
	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/sid"
)

// sidNames are the names that the inputs have for SIDs: of the account, of the groups into
// which events put it or from which they took it, of the users and groups in the outputs of
// whoami, and of what the reports list. The first name of a SID counts.
func (s subject) sidNames() map[sid.SID]string {
	names := make(map[sid.SID]string)
	note := func(list ...sid.Principal) {
		for _, p := range list {
			if p.SID != "" && p.Account() != "" && names[p.SID] == "" {
				names[p.SID] = p.Name
			}
		}
	}
	note(s.account.principal())
	for _, in := range s.groups.in.bySID {
		note(in[0].group)
	}
	for _, left := range s.groups.left.bySID {
		note(groupOf(left[0]))
	}
	for _, f := range s.host.files {
		note(inToken(f.Token)...)
	}
	for _, r := range s.host.Reports.All {
		if r.Computer == nil {
			continue
		}
		note(r.Computer.Groups...)
		for _, a := range r.Computer.Rights {
			note(a.Principals...)
		}
	}
	return names
}

// inToken are the user and the groups that an output of whoami shows.
func inToken(t *collected.Token) []sid.Principal {
	if t == nil {
		return nil
	}
	list := []sid.Principal{{Name: t.Account.Text, SID: t.SID}}
	for _, g := range t.Groups {
		list = append(list, sid.Principal{Name: g.Name, SID: g.SID})
	}
	return list
}
