package analyzer

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// The bounds of [ReadSuppressions].
const (
	// MaxSuppressionFile is the size of the largest file of suppressions, in bytes.
	MaxSuppressionFile = 1 << 20
	// MaxSuppressions is how many suppressions one file may have.
	MaxSuppressions = 1000
)

// Suppression accepts a known finding until a day. Rule or Fingerprint must be set; all that
// is set must match.
type Suppression struct {
	// Rule is the id of the finding's rule.
	Rule string
	// Fingerprint is that of the finding, for one problem on one host.
	Fingerprint string
	// Host is the computer's name, with or without its domain; empty for all.
	Host string
	// Reason says why the finding is accepted.
	Reason string
	// Until is the last day on which it is, as 2026-12-31.
	Until string
	// File and Line tell where the suppression stands, if it was read from a file.
	File string
	Line int
}

// Suppressed says why and until when a finding is accepted.
type Suppressed struct {
	Reason string `json:"reason"`
	Until  string `json:"until"`
}

// SuppressionState is what became of a suppression.
type SuppressionState string

// The states of suppressions.
const (
	// SuppressionUsed has findings that it suppresses.
	SuppressionUsed SuppressionState = "used"
	// SuppressionUnused matches no finding.
	SuppressionUnused SuppressionState = "unused"
	// SuppressionExpired is past its last day and suppresses nothing, whatever it matches.
	SuppressionExpired SuppressionState = "expired"
)

// SuppressionUse is what became of one suppression of [Config].
type SuppressionUse struct {
	Rule        string           `json:"rule"`
	Fingerprint string           `json:"fingerprint"`
	Host        string           `json:"host"`
	Reason      string           `json:"reason"`
	Until       string           `json:"until"`
	File        string           `json:"file"`
	Line        int              `json:"line"`
	State       SuppressionState `json:"state"`
	// Findings counts the findings that it matches.
	Findings int `json:"findings"`
	// PartOf names the rules into whose findings that of Rule was folded, sorted: such a part
	// cannot be suppressed on its own.
	PartOf []string `json:"partOf"`
}

// ReadSuppressions reads a YAML file of suppressions, which is a list:
//
//	# known findings
//	- rule: service-right-omitted
//	  host: SYNC01
//	  reason: the GPO is changed in the night of 28 November (change 4711)
//	  until: 2026-11-30
//	- fingerprint: 9f1c0d2b7a6e4c55808f3a1d2e4b6c70
//	  reason: the server is being retired
//	  until: 2026-12-31
//
// The keys rule, fingerprint and host say which findings are meant: rule or fingerprint must
// be given, and all that are given must match. reason and until, the last day, must be given.
// All mistakes are returned joined, each with name and its line; of a file that is not valid
// YAML the first one only.
func ReadSuppressions(name string, r io.Reader) ([]Suppression, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSuppressionFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > MaxSuppressionFile {
		return nil, fmt.Errorf("%s: the file is larger than %d bytes", name, MaxSuppressionFile)
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: the file is empty", name)
	} else if err != nil {
		return nil, fmt.Errorf("%s: not valid YAML: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	s := &suppressionReader{name: name}
	s.list(doc.Content[0])
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		s.errs = append(s.errs, fmt.Errorf("%s: the file has more than one YAML document", name))
	}
	if len(s.errs) > 0 {
		return nil, errors.Join(s.errs...)
	}
	return s.found, nil
}

// suppressionReader gathers the suppressions and mistakes of one file.
type suppressionReader struct {
	name  string
	found []Suppression
	errs  []error
}

func (s *suppressionReader) failAt(n *yaml.Node, format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf("%s:%d: %s", s.name, n.Line, fmt.Sprintf(format, args...)))
}

func (s *suppressionReader) list(n *yaml.Node) {
	switch {
	case n.Kind != yaml.SequenceNode:
		s.failAt(n, "a list of suppressions is expected, each beginning with \"- \"")
		return
	case len(n.Content) > MaxSuppressions:
		s.failAt(n, "there are more than %d suppressions", MaxSuppressions)
		return
	}
	for _, item := range n.Content {
		s.entry(item)
	}
}

// entry reads one suppression.
func (s *suppressionReader) entry(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		s.failAt(n, "a suppression has the keys rule, fingerprint, host, reason and until")
		return
	}
	out := Suppression{File: s.name, Line: n.Line}
	lines := map[string]*yaml.Node{}
	keys := map[string]*string{
		"rule": &out.Rule, "fingerprint": &out.Fingerprint, "host": &out.Host, "reason": &out.Reason, "until": &out.Until,
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		to := keys[k.Value]
		text := strings.TrimSpace(v.Value)
		switch {
		case to == nil:
			s.failAt(k, "a suppression has no key %q: its keys are rule, fingerprint, host, reason and until", k.Value)
		case lines[k.Value] != nil:
			s.failAt(k, "the key %q is given twice", k.Value)
		case v.Kind != yaml.ScalarNode || text == "" || v.Tag == "!!null":
			s.failAt(v, "%s must be a text that is not empty", k.Value)
			lines[k.Value] = v
		default:
			*to = text
			lines[k.Value] = v
		}
	}
	if lines["rule"] == nil {
		lines["rule"] = lines["fingerprint"] // one of them is enough
	}
	for _, m := range out.check() {
		switch at := lines[m.key]; {
		case at == nil:
			s.failAt(n, "%v", m.err)
		case *keys[m.key] != "": // else it was told above that it is empty
			s.failAt(at, "%v", m.err)
		}
	}
	s.found = append(s.found, out)
}

var fingerprintPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// suppressionMistake is what is wrong with one key of a suppression.
type suppressionMistake struct {
	key string
	err error
}

// check reports all that is wrong with a suppression.
func (s *Suppression) check() []suppressionMistake {
	var out []suppressionMistake
	add := func(key, format string, args ...any) {
		out = append(out, suppressionMistake{key, fmt.Errorf(format, args...)})
	}
	switch {
	case s.Rule == "" && s.Fingerprint == "":
		add("rule", "a suppression needs the key rule or fingerprint, to say which findings it means")
	case s.Fingerprint != "" && !fingerprintPattern.MatchString(s.Fingerprint):
		add("fingerprint", "the fingerprint %q is not one of 32 hexadecimal digits, as the verbose text and the JSON output have it", s.Fingerprint)
	}
	if s.Reason == "" {
		add("reason", "a suppression needs the key reason, to say why the finding is accepted")
	}
	if s.Until == "" {
		add("until", "a suppression needs the key until, the last day on which it holds")
	} else if _, err := time.Parse(time.DateOnly, s.Until); err != nil {
		add("until", "until must be a day such as 2026-12-31, not %q", s.Until)
	}
	return out
}

// matches reports whether a finding on a host is meant.
func (s *Suppression) matches(h *Host, f *Finding) bool {
	return (s.Rule == "" || s.Rule == f.Rule) && (s.Fingerprint == "" || s.Fingerprint == f.Fingerprint) && (s.Host == "" || sameHost(s.Host, h))
}

// matchesPart reports whether the finding of the rule that is meant was folded into this one.
func (s *Suppression) matchesPart(h *Host, f *Finding) bool {
	return s.Rule != "" && s.Fingerprint == "" && slices.Contains(f.Joined, s.Rule) && (s.Host == "" || sameHost(s.Host, h))
}

// sameHost reports whether a name, with or without a domain, is that of a host.
func sameHost(name string, h *Host) bool {
	label, domain, qualified := strings.Cut(name, ".")
	return strings.EqualFold(label, h.Name) && (!qualified || !strings.Contains(h.Domain, ".") || strings.EqualFold(domain, h.Domain))
}

// checkSuppressions reports what is wrong with the suppressions of a configuration.
func checkSuppressions(cfg Config) error {
	for i := range cfg.Suppressions {
		var errs []error
		for _, m := range cfg.Suppressions[i].check() {
			errs = append(errs, m.err)
		}
		if len(errs) > 0 {
			return fmt.Errorf("analyzer: suppression %d: %w", i, errors.Join(errs...))
		}
	}
	if len(cfg.Suppressions) > 0 && cfg.Now.IsZero() {
		return errors.New("analyzer: suppressions need Config.Now, the day by which they end")
	}
	return nil
}

// suppress marks the findings that a suppression accepts, each by the first that does, and
// returns what became of the suppressions.
func suppress(hosts []Host, list []Suppression, now time.Time) []SuppressionUse {
	uses := make([]SuppressionUse, len(list))
	today := now.Format(time.DateOnly)
	for i := range list {
		s := &list[i]
		uses[i] = SuppressionUse{
			Rule: s.Rule, Fingerprint: s.Fingerprint, Host: s.Host, Reason: s.Reason, Until: s.Until,
			File: s.File, Line: s.Line, State: SuppressionUnused, PartOf: []string{},
		}
		expired := s.Until < today
		if expired {
			uses[i].State = SuppressionExpired
		}
		for h := range hosts {
			for k := range hosts[h].Findings {
				f := &hosts[h].Findings[k]
				if s.matchesPart(&hosts[h], f) {
					uses[i].PartOf = append(uses[i].PartOf, f.Rule)
				}
				if !s.matches(&hosts[h], f) {
					continue
				}
				uses[i].Findings++
				if expired {
					continue
				}
				uses[i].State = SuppressionUsed
				if f.Suppressed == nil {
					f.Suppressed = &Suppressed{Reason: s.Reason, Until: s.Until}
				}
			}
		}
		slices.Sort(uses[i].PartOf)
		uses[i].PartOf = slices.Compact(uses[i].PartOf)
	}
	return uses
}
