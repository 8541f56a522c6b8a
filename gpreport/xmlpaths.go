package gpreport

import "slices"

// pathID is a list of names: that of another one and a name behind it. Lists that are equal
// have one ID and are held once.
type pathID int

// noPath is the empty list.
const noPath pathID = 0

// paths are all lists of a reader.
type paths struct {
	ids   map[pathStep]pathID
	lists [][]string
}

type pathStep struct {
	above pathID
	name  string
}

func newPaths() paths {
	return paths{ids: make(map[pathStep]pathID), lists: make([][]string, 1)}
}

// namesPerNode is how many names of a list count as one more node.
const namesPerNode = 4

// under returns a list with names behind it. A new one costs of the limit of x.
func (p *paths) under(x *xmlReader, id pathID, names ...string) pathID {
	for _, name := range names {
		step := pathStep{id, name}
		next, ok := p.ids[step]
		if !ok {
			above := p.lists[id]
			x.charge(1 + len(above)/namesPerNode)
			next = pathID(len(p.lists))
			p.lists = append(p.lists, append(slices.Clip(above), name))
			p.ids[step] = next
		}
		id = next
	}
	return id
}

// names returns the names of a list, which are not to be changed.
func (p *paths) names(id pathID) []string { return p.lists[id] }
