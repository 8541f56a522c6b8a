package rules_test

import "github.com/gpevtx/gpevtx/evtx"

// selector returns a selector of one channel, provider and id. The rest are pairs of the
// name or number of a datum and its value.
func selector(channel, provider string, id uint16, data ...any) evtx.Selector {
	s := evtx.Selector{Channels: []string{channel}, Providers: []string{provider}, IDs: []uint16{id}}
	for i := 0; i < len(data); i += 2 {
		test := evtx.DataTest{Values: []string{data[i+1].(string)}}
		switch name := data[i].(type) {
		case string:
			test.Name = name
		case int:
			test.Index = name
		}
		s.Data = append(s.Data, test)
	}
	return s
}
