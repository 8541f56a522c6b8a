package facts

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/sid"
)

// membership is a group in which the account is known to be.
type membership struct {
	group sid.Principal
	// since is when the account came into the group; zero where that is not known.
	since time.Time
	proof []evidence.Item
}

// groupKnowledge is what the inputs say of the groups of one account.
type groupKnowledge struct {
	// stated are complete lists of members that the user gives; they outrank all else.
	stated []collected.Membership
	// in are the groups into which events put the account, left the newest events that took
	// it out of one without putting it in again.
	in   groupIndex[membership]
	left groupIndex[Event]
	// perhaps are the groups into which events put a member that may be the account: its SID
	// is not known, and the name of the member's entry in the directory is that of the account.
	perhaps groupIndex[membership]
	// tokens are the groups of the account as whoami showed them when it ran as the account.
	tokens []tokenGroups
}

// groupIndex finds what is known of a group: two principals can only be one group if they
// have one SID, or one name but for the domain.
type groupIndex[T any] struct {
	bySID  map[sid.SID][]T
	byName map[string][]T
}

func (x *groupIndex[T]) add(group sid.Principal, v T) {
	if x.bySID == nil {
		x.bySID, x.byName = make(map[sid.SID][]T), make(map[string][]T)
	}
	if group.SID != "" {
		x.bySID[group.SID] = append(x.bySID[group.SID], v)
	}
	if name := strings.ToLower(group.Account()); name != "" {
		x.byName[name] = append(x.byName[name], v)
	}
}

// near returns what may be of the group that a policy names; it can hold one twice.
func (x *groupIndex[T]) near(p sid.Principal) []T {
	return slices.Concat(x.bySID[p.SID], x.byName[strings.ToLower(p.Account())])
}

// tokenGroups are the groups of a token.
type tokenGroups struct {
	*collected.Token
	groups groupIndex[collected.Group]
	// whole is set when there are groups and the SID of each is known.
	whole bool
}

// groupStep tells of an event of the Security log whether it puts a member into a group or
// takes one out. 4728 and 4729 are of global groups of a domain, 4732 and 4733 of local
// groups of a computer or domain, 4756 and 4757 of universal groups.
func groupStep(e Event) (added, ok bool) {
	if !strings.EqualFold(e.Provider, auditing) {
		return false, false
	}
	switch e.ID {
	case 4728, 4732, 4756:
		return true, true
	case 4729, 4733, 4757:
		return false, true
	}
	return false, false
}

func isGroupChange(e Event) bool {
	_, ok := groupStep(e)
	return ok
}

// groupOf is the group that a membership event changes.
func groupOf(e Event) sid.Principal {
	p := sid.Principal{Name: e.Data("TargetUserName"), SID: e.SID("TargetSid")}
	if domain := e.Data("TargetDomainName"); domain != "" && domain != "-" {
		p.Name = domain + `\` + p.Name
	}
	return p
}

// isGlobal reports whether an event of any computer tells of the same group and member:
// both are of a domain. A local group is another one on each computer, and so is the virtual
// account of a service.
func isGlobal(e Event) bool {
	return strings.HasPrefix(string(e.SID("TargetSid")), "S-1-5-21-") && strings.HasPrefix(string(e.SID("MemberSid")), "S-1-5-21-")
}

// maxNesting bounds how deep groups in groups are followed; Windows has no use for more.
const maxNesting = 16

// knowGroups gathers what the inputs say of the groups of a host's account.
func (c *Collector) knowGroups(h *Host) groupKnowledge {
	events := c.groupEventsFor(h)
	var k groupKnowledge
	if h.Account.SID != "" {
		k = fromEvents([]sid.SID{h.Account.SID}, events)
	} else {
		k.perhaps = fromEvents(membersNamed(h.Account, events), events).in
	}
	k.stated, k.tokens = c.cfg.Groups, tokensOf(h)
	return k
}

// membersNamed are the SIDs of members whose entries in the directory have the name of an
// account. That name is often that of the logon, and need not be.
func membersNamed(a Account, events []Event) []sid.SID {
	name := strings.TrimSuffix(a.principal().Account(), "$")
	if !mayBeOfDomain(a) || name == "" {
		return nil
	}
	var out []sid.SID
	for _, e := range events {
		cn, ok := strings.CutPrefix(strings.ToLower(e.Data("MemberName")), "cn="+strings.ToLower(name))
		if member := e.SID("MemberSid"); ok && member != "" && (cn == "" || cn[0] == ',') && !slices.Contains(out, member) && len(out) < maxMembersNamed {
			out = append(out, member)
		}
	}
	return out
}

// maxMembersNamed bounds how many members are followed for one account.
const maxMembersNamed = 20

// mayBeOfDomain reports whether an account may be one of a domain, which the logs of domain
// controllers tell of.
func mayBeOfDomain(a Account) bool {
	if a.SID != "" {
		return strings.HasPrefix(string(a.SID), "S-1-5-21-")
	}
	return a.Kind == DomainUser || a.Kind == GroupManaged || a.Kind == Standalone || a.Kind == UnknownAccount
}

// fromEvents finds the groups of an account from the events of additions and removals, which
// are in order of time: for each group and member the newest one counts. Members are told by
// their SIDs, since the events have no other name of them that is sure.
func fromEvents(accounts []sid.SID, events []Event) groupKnowledge {
	var k groupKnowledge
	if len(accounts) == 0 {
		return k
	}
	newest := make(map[[2]string]Event)
	for _, e := range events {
		newest[[2]string{e.Data("TargetSid"), e.Data("MemberSid")}] = e
	}
	byMember := make(map[string][]Event)
	for _, e := range newest {
		byMember[e.Data("MemberSid")] = append(byMember[e.Data("MemberSid")], e)
	}
	known := make(map[string]bool)
	var level []membership
	for _, s := range accounts {
		known[string(s)] = true
		level = append(level, membership{group: sid.Principal{SID: s}})
	}
	for depth := 0; depth < maxNesting && len(level) > 0; depth++ {
		var next []membership
		for _, m := range level {
			changes := byMember[string(m.group.SID)]
			slices.SortFunc(changes, compareEvents)
			for _, e := range changes {
				added, _ := groupStep(e)
				group := groupOf(e)
				switch {
				case !added && depth == 0:
					k.left.add(group, e)
				case added && !known[string(group.SID)]:
					known[string(group.SID)] = true
					since := m.since
					if e.Time.After(since) {
						since = e.Time
					}
					next = append(next, membership{
						group: group, since: since,
						proof: append(slices.Clone(m.proof), e.Evidence("put into the group")),
					})
				}
			}
		}
		for _, m := range next {
			k.in.add(m.group, m)
		}
		level = next
	}
	return k
}

// holds tells whether the group that a policy names has the account in it, and by what. The
// proof of a group that does not have it says so too.
func (k groupKnowledge) holds(p sid.Principal, h *Host) (membership, cover) {
	if m, c, ok := k.isStated(p, h); ok {
		return m, c
	}
	for _, m := range k.in.near(p) {
		if h.compare(m.group, p) == sid.Same {
			return m, covers
		}
	}
	if _, left := k.leftAt(p, h); left {
		return membership{}, mayCover
	}
	for _, t := range k.tokens {
		if m, c := tokenHolds(t, p, h); c != mayCover {
			return m, c
		}
	}
	return membership{}, mayCover
}

// isStated looks the group up in the user's lists; ok is false when it is in none.
func (k groupKnowledge) isStated(p sid.Principal, h *Host) (m membership, c cover, ok bool) {
	for _, list := range k.stated {
		if h.compare(list.Group, p) != sid.Same {
			continue
		}
		m = membership{group: list.Group, proof: []evidence.Item{{Role: "members as stated", Location: list.At, Excerpt: statedWords(list)}}}
		c = coversNot
		for _, member := range list.Members {
			switch h.compare(member, h.Account.principal()) {
			case sid.Same:
				return m, covers, true
			case sid.Unknown:
				c = mayCover
			}
		}
		return m, c, true
	}
	return m, mayCover, false
}

func statedWords(list collected.Membership) string {
	names := make([]string, 0, len(list.Members))
	for _, m := range list.Members {
		names = append(names, cmp.Or(m.Name, string(m.SID)))
	}
	return cut(cmp.Or(list.Group.Name, string(list.Group.SID))+": "+strings.Join(names, ", "), maxExcerpt)
}

// tokenHolds looks a group up in the groups of the account's own token. whoami ran on the
// same computer as gpresult, so that both name groups in one language. A group marked as for
// deny only counts: Windows takes such rights from the interactive logon of an administrator
// alone, not from the logon of a service.
func tokenHolds(t tokenGroups, p sid.Principal, h *Host) (membership, cover) {
	c := coversNot
	for _, g := range t.groups.near(p) {
		group := sid.Principal{Name: g.Name, SID: g.SID}
		switch h.compare(group, p) {
		case sid.Same:
			return membership{group: group, proof: []evidence.Item{{Role: "group of the account", Location: g.At, Excerpt: g.Name}}}, covers
		case sid.Unknown:
			c = mayCover
		}
	}
	if p.SID == "S-1-5-6" || !t.whole {
		c = mayCover // which the token of a logon that is no service's does not have
	}
	return membership{proof: []evidence.Item{t.Account.Evidence("groups of the account do not have it")}}, c
}

// tokensOf returns the groups of the account from the outputs of whoami that ran as it; most
// show the person who collected.
func tokensOf(h *Host) []tokenGroups {
	var out []tokenGroups
	for _, f := range h.files {
		if f.Token == nil || !f.Token.Account.Intact() {
			continue
		}
		if h.compare(sid.Principal{Name: f.Token.Account.Text, SID: f.Token.SID}, h.Account.principal()) == sid.Same {
			t := tokenGroups{Token: f.Token, whole: len(f.Token.Groups) > 0}
			for _, g := range f.Token.Groups {
				t.groups.add(sid.Principal{Name: g.Name, SID: g.SID}, g)
				t.whole = t.whole && g.SID != ""
			}
			out = append(out, t)
		}
	}
	return out
}

// leftAt returns the event by which the account was taken out of the group that a policy
// names.
func (k groupKnowledge) leftAt(p sid.Principal, h *Host) (Event, bool) {
	for _, e := range k.left.near(p) {
		if h.compare(groupOf(e), p) == sid.Same {
			return e, true
		}
	}
	return Event{}, false
}

// perhapsAt returns the membership by which the account may be in the group that a policy
// names.
func (k groupKnowledge) perhapsAt(p sid.Principal, h *Host) (membership, bool) {
	for _, m := range k.perhaps.near(p) {
		if h.compare(m.group, p) == sid.Same {
			return m, true
		}
	}
	return membership{}, false
}

// groupEventsFor are the changes of groups that concern the account of a host: those of the
// host's own log, and for an account of a domain those of its groups from all other logs,
// such as a domain controller's.
func (c *Collector) groupEventsFor(h *Host) []Event {
	ofDomain := mayBeOfDomain(h.Account)
	var out []Event
	for name, in := range c.hosts {
		own := slices.Contains(h.Names, name)
		if !own && !ofDomain {
			continue
		}
		for _, e := range in.events[groupEvents].Events() {
			if own || isGlobal(e) {
				out = append(out, e)
			}
		}
	}
	return SortEvents(out)
}
