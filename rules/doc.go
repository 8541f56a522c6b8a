// Package rules decides: a rule names what it needs, and turns the facts of a host into
// a verdict.
//
// A [Rule] is a plain value. Its Needs are known before any file is opened: from them
// [Selectors] makes the one filter that is pushed down into the event logs. [Rule.Run]
// then evaluates it on a host and gives an [Outcome]: failed with a [Finding], passed,
// inconclusive or skipped with the reasons, or errored. Passed is a claim: it says that
// all the rule needs was there, and the problem was not. A rule that finds neither the
// problem nor its absence is inconclusive.
//
// [Lint] says what is wrong with rule files, and what is doubtful, with the place of each.
//
// A rule does no input or output and parses nothing. What needs more than a comparison,
// such as who is covered by a right, is a fact of package facts.
//
// # Rules in YAML
//
// [Load] reads rules from files, [Builtin] those that gpevtx comes with. A file holds one
// rule for each YAML document. This is a whole one:
//
//	id: account-expired
//	title: The account of the ADSync service has expired
//	severity: critical
//	since: 0.1.0
//	doc: Looks at event 7038 with the error 1793 of the ADSync service.
//	needs:
//	  facts: [service, logs]
//	  events:
//	    expired: {channel: System, provider: Service Control Manager, id: 7038, data: {param1: ADSync, param3: '%%1793'}}
//	fail: any(expired, not service.StartedAfter(.Time))
//	pass: logs.Cover("System", service.Window)
//	confidence:
//	  probable: true
//	occurrences: expired
//	evidence:
//	  - {role: account expired, from: expired}
//	subject: ['1793']
//	message: 'The account {{ expired[-1].Param(2) }} of the ADSync service on {{ host }} has expired ({{ seen(expired) }}).'
//	remedy:
//	  - Set a later date in the properties of the account, and start the service.
//
// The keys are:
//
//   - id: names the rule for ever; lower-case words joined by hyphens.
//   - title, doc: one line, and an explanation in Markdown.
//   - severity: critical, error, warning or info.
//   - solution (optional): the solution of KB 2995030 that the rule automates, 1 to 3.
//   - since: the version that first had the rule, such as 0.1.0.
//   - links (optional): https addresses.
//   - explained-by (optional): ids of rules whose finding explains this one's.
//   - needs: what the rule must be given. Under it, facts lists the facts that
//     expressions read; inputs lists kinds of input without which the rule is skipped
//     ("report"; "computer-report"; "rights" for the latter or an export of the computer's
//     own security settings; "service" for the System log or a file that shows the
//     service's configuration; "channel:" and a channel, or several with | between them of
//     which one will do); events gives names to
//     selections of events. A selection has the keys channel, provider and id; level and
//     data, if wanted; and optional, true for events that only strengthen a finding. Each
//     takes one value or a list; data maps the name of a datum, or its number from 1, to
//     the values of which it must have one. Without the log of events that are not
//     optional the rule is skipped.
//   - let (optional): values with a name, for the expressions below it: events, evidence
//     items, a time, a number, true or false.
//   - when, when-reason (optional): a condition without which the rule is skipped, and the
//     text that says why.
//   - fail: the condition under which the rule fails.
//   - pass: the condition under which it passes, looked at when fail is false.
//   - confidence: a condition for each of certain, probable and possible; the first that
//     holds counts, and the last one given must be true.
//   - occurrences (optional): events, or a list of expressions for events, that tell when
//     and how often the problem was seen.
//   - evidence (optional): parts with the keys from (evidence items, events or one event)
//     and role, which says what they show; evidence items keep their own role without it.
//   - subject: texts that together tell one problem from another, and stay the same when
//     the same problem is seen again.
//   - message: what is wrong, for a person who has not seen the case: a text, or a list of
//     texts and of mappings with the keys if (a condition) and say (the text).
//   - remedy: what to do, in order: a list as for message, with do in place of say.
//   - reasons (optional): expressions for the reasons that are given when the rule is
//     inconclusive, in place of those of all facts that it declares. In any case it says
//     which logs do not cover the time in question.
//
// YAML has traps for expressions: one that begins with ! or holds a # after a space, and
// a text that begins with {{, must be in quotes. Anchors, aliases and tags are refused.
//
// # Expressions
//
// Expressions are those of [github.com/expr-lang/expr], as far as they read and compare:
// the operators == != < <= > >= + - * and or not in matches contains startsWith endsWith,
// ?: and indexes and slices, which count from the end when negative; the functions all,
// any, none, one, count, filter, find, findLast, map, len, lower, upper, trim and
// duration, which takes a constant such as "10s". The right side of in and of matches is
// a constant. They see:
//
//   - host: the name of the computer.
//   - account, rights, localPolicy, service, engine, reports, logs, settings, policy: the
//     facts of that type in package facts, with their fields and methods, if the rule
//     declares them. The reasons of engine each belong to one question, so that a rule names
//     those it gives.
//   - The events that the rule declares and the values under let, by their names; events
//     are lists of facts.Event in order of time.
//   - join(list, separator), and names(principals), which shows ten at most.
//   - gpo(g): a facts.GPO by name, and by GUID if that is known; gpos(list) lists several,
//     ten at most.
//   - user(account): the name of an account in lower case, without its domain.
//   - decode(code): the number, symbol and meaning of an error code such as %%1053.
//   - utc(time), and seen(events), which says how often and when.
//   - near(events, others, duration) and apart(events, others, duration): those of the
//     events that have, or do not have, one of the others within that time of them.
//
// A text may have holes, {{ expression }}, for text, whole numbers and times, which are
// printed as RFC 3339 in UTC. What stands in a hole is plain text: names from the input
// are not interpreted, and what could break the line is replaced.
//
// All expressions are checked against the types of the facts when a rule is loaded, and
// what they read against what the rule declares: reading something else is a mistake, and
// so is declaring what is not read, or asking for an input that nothing that is read can come
// from, or comparing a fact with a word that it never is. They cannot see the clock or the
// machine, and what they may cost is bounded by [MaxSteps] and [MaxElements]; beyond that the
// rule is errored.
package rules
