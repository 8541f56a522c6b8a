package facts

import (
	"slices"
	"strings"
	"time"

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
	in []membership
	// left are the newest events by which the account was taken out of a group, without
	// being put in again.
	left []Event
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
	p := sid.Principal{Name: e.Data("TargetUserName"), SID: sid.SID(e.Data("TargetSid"))}
	if domain := e.Data("TargetDomainName"); domain != "" && domain != "-" {
		p.Name = domain + `\` + p.Name
	}
	return p
}

// isGlobal reports whether an event of any computer tells of the same group and member:
// both are of a domain. A local group is another one on each computer, and so is the virtual
// account of a service.
func isGlobal(e Event) bool {
	return strings.HasPrefix(e.Data("TargetSid"), "S-1-5-21-") && strings.HasPrefix(e.Data("MemberSid"), "S-1-5-21-")
}

// maxNesting bounds how deep groups in groups are followed; Windows has no use for more.
const maxNesting = 16

// knowGroups finds the groups of an account from the events of additions and removals, which
// are in order of time: for each group and member the newest one counts. Members are told by
// their SIDs, since the events have no other name of them that is sure.
func knowGroups(account sid.SID, events []Event) groupKnowledge {
	var k groupKnowledge
	if account == "" {
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
	known := map[string]bool{string(account): true}
	level := []membership{{group: sid.Principal{SID: account}}}
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
					k.left = append(k.left, e)
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
		k.in = append(k.in, next...)
		level = next
	}
	return k
}

// find returns the membership in the group that a policy names.
func (k groupKnowledge) find(p sid.Principal, h *Host) (membership, bool) {
	for _, m := range k.in {
		if h.compare(m.group, p) == sid.Same {
			return m, true
		}
	}
	return membership{}, false
}

// leftAt returns the event by which the account was taken out of the group that a policy
// names.
func (k groupKnowledge) leftAt(p sid.Principal, h *Host) (Event, bool) {
	for _, e := range k.left {
		if h.compare(groupOf(e), p) == sid.Same {
			return e, true
		}
	}
	return Event{}, false
}

// groupEventsFor are the changes of groups that concern the account of a host: those of the
// host's own log, and for an account of a domain those of its groups from all other logs,
// such as a domain controller's.
func (c *Collector) groupEventsFor(h *Host) []Event {
	ofDomain := strings.HasPrefix(string(h.Account.SID), "S-1-5-21-")
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
