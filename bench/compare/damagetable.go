package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gpevtx/gpevtx/internal/compare"
)

const aboutDamage = `# What readers give of damaged logs

Every log of a folder is damaged in each of these ways, the same way each time, and read by each reader. A record counts when
the reader gives it exactly as it gives it of the undamaged log, so that no reader is judged by the manners of another.

- *changed*: a record of the log with other content. Where random bytes are set that is what the file says now; no reader can
  tell unless a checksum does.
- *twice*: given more often than of the undamaged log.
- *invented*: the undamaged log has no such record: none begins at its place where the reader tells it, as gpevtx does; else no
  reader finds one with its number or its time. A record whose number and time were hit both is taken for invented then.
- *failed*: the reader crashed, or did not end within the limit of time.

Unless a damage is one of checksums, the checksums are made right again behind it, so that no reader leaves a chunk alone for
them; random bytes and zeroed sectors and pages excepted. golang-evtx decodes in goroutines that race: its numbers differ a
little from run to run. Written by ` + "`bench/all`" + `.

`

// markdown writes the tables.
func (d *damageTest) markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(aboutDamage)
	b.WriteString("| damage | logs |")
	for _, r := range d.readers {
		fmt.Fprintf(&b, " %s |", r.name)
	}
	fmt.Fprintf(&b, "\n| --- | --: |%s\n", strings.Repeat(" --: |", len(d.readers)))
	for _, v := range variants {
		fmt.Fprintf(&b, "| %s | %d |", v.name, d.logs[v.name])
		for _, s := range d.scores[v.name] {
			fmt.Fprintf(&b, " %s |", s)
		}
		b.WriteString("\n")
	}
	d.gapTable(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// String gives the number of records as they were, then what else there is.
func (s score) String() string {
	text := fmt.Sprint(s.same)
	for _, part := range []struct {
		n    int
		what string
	}{{s.changed, "changed"}, {s.twice, "twice"}, {s.invented, "invented"}, {s.failed, "failed"}} {
		if part.n > 0 {
			text += fmt.Sprintf("; %d %s", part.n, part.what)
		}
	}
	return text
}

// gapTable writes which records peers give as they were and we do not, with the log of each
// damage and peer in which there are most.
func (d *damageTest) gapTable(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Records that another reader gives as they were, and %s does not\n\n", d.readers[0].name)
	if len(d.gaps) == 0 {
		b.WriteString("None.\n")
		return
	}
	b.WriteString("| damage | reader | logs | records | for example |\n| --- | --- | --: | --: | --- |\n")
	for _, v := range variants {
		for _, r := range d.readers[1:] {
			logs, records := 0, 0
			var most gap
			for _, g := range d.gaps {
				if g.variant == v.name && g.peer == r.name {
					logs, records = logs+1, records+g.records
					if g.records > most.records {
						most = g
					}
				}
			}
			if logs > 0 {
				fmt.Fprintf(b, "| %s | %s | %d | %d | %s |\n", v.name, r.name, logs, records, most)
			}
		}
	}
}

// String names the log, its first record and how many more there are.
func (g gap) String() string {
	text := fmt.Sprintf("%s: record %d", compare.Cell(g.file), g.first.id)
	if g.offset != 0 {
		text += fmt.Sprintf(" at %d", g.offset)
	}
	if g.records > 1 {
		text += fmt.Sprintf(" and %d more", g.records-1)
	}
	return text
}
