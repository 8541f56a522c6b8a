package rules

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/facts"
)

// The kinds of input that a rule can ask for in Needs.Inputs. InputChannel is followed
// by the name of a channel, as in "channel:System", or by several of which any one will do,
// as in "channel:System|Security".
const (
	// InputReport is any Group Policy report of the host.
	InputReport = "report"
	// InputComputerReport is a Group Policy report that covers the computer scope.
	InputComputerReport = "computer-report"
	// InputService is what shows the service: the System log, or a file with the service's
	// configuration.
	InputService = "service"
	// InputRights is a Group Policy report that covers the computer scope, or an export of
	// the computer's own security database.
	InputRights = "rights"
	// InputChannel is an event log that holds events of the channel.
	InputChannel = "channel:"
)

// knownInput reports whether kind can stand in Needs.Inputs.
func knownInput(kind string) bool {
	channels := inputChannels(kind)
	return slices.Contains([]string{InputReport, InputComputerReport, InputRights, InputService}, kind) || len(channels) > 0 && !slices.Contains(channels, "")
}

// inputChannels returns the channels of which an input asks for one; nil for other kinds.
func inputChannels(kind string) []string {
	channels, ok := strings.CutPrefix(kind, InputChannel)
	if !ok {
		return nil
	}
	return strings.Split(channels, "|")
}

// factInputs are the kinds of input that the facts are made of. The fact "logs" is made of
// the channels that a rule asks it for, and "settings" of registry exports, which no rule can
// ask for.
var factInputs = map[string][]string{
	FactAccount:     {InputService, systemChannel, securityChannel},
	FactRights:      {InputReport, InputComputerReport, InputRights},
	FactLocalPolicy: {InputRights, InputComputerReport},
	FactService:     {InputService, systemChannel, applicationChannel, securityChannel},
	FactEngine:      {applicationChannel, systemChannel, securityChannel},
	FactReports:     {InputReport, InputComputerReport},
	FactPolicy:      {InputComputerReport, systemChannel, applicationChannel, securityChannel, policyChannel},
}

const (
	systemChannel      = InputChannel + systemLog
	applicationChannel = InputChannel + "Application"
	securityChannel    = InputChannel + "Security"
	policyChannel      = InputChannel + "Microsoft-Windows-GroupPolicy/Operational"
)

// canRestOn reports whether something that a rule reads can be made of a kind of input, of
// one channel if it is of channels. The channels are those that the rule asks "logs" for, nil
// for any.
func (n Needs) canRestOn(kind string, channels []string) bool {
	channel, isChannel := strings.CutPrefix(kind, InputChannel)
	is := func(c string) bool { return strings.EqualFold(c, channel) }
	for _, fact := range n.Facts {
		if slices.ContainsFunc(factInputs[fact], func(k string) bool { return strings.EqualFold(k, kind) }) {
			return true
		}
		if fact == FactLogs && isChannel && (channels == nil || slices.ContainsFunc(channels, is)) {
			return true
		}
	}
	return isChannel && slices.ContainsFunc(n.Events, func(e EventNeed) bool {
		return len(e.Selector.Channels) == 0 || slices.ContainsFunc(e.Selector.Channels, is)
	})
}

// missingInputs says what the rule must be given and the host does not have, in the
// order in which the rule names it.
func missingInputs(r *Rule, h *facts.Host) []facts.Reason {
	var missing []facts.Reason
	for _, kind := range r.Needs.Inputs {
		channels := inputChannels(kind)
		switch {
		case len(channels) > 0:
			if !hasAny(h.Logs, channels) {
				missing = append(missing, noLog(h, channels[0])...)
			}
		case kind == InputService:
			if !h.Logs.Has(systemLog) && !h.Service.Snapshot.Known {
				missing = append(append(missing, h.Service.Snapshot.Reasons...), noLog(h, systemLog)...)
			}
		case kind == InputComputerReport, kind == InputRights && !h.LocalPolicy.Known:
			if !h.Reports.Computer {
				missing = append(missing, noComputerReport(h.Reports)...)
			}
		case kind == InputReport:
			if !h.Reports.Computer && !h.Reports.UserOnly && len(h.Reports.All) == 0 {
				missing = append(append(missing, h.Uncollected(facts.InputReport)...), noReport)
			}
		}
	}
	for _, need := range r.Needs.Events {
		if !need.Optional && !hasAny(h.Logs, need.Selector.Channels) {
			missing = append(missing, noLog(h, need.Selector.Channels[0])...)
		}
	}
	return distinct(missing)
}

// hasAny reports whether the inputs hold one of the channels. A selector without
// channels takes its events wherever they stand.
func hasAny(logs facts.Logs, channels []string) bool {
	for _, c := range channels {
		if logs.Has(c) {
			return true
		}
	}
	return len(channels) == 0
}
