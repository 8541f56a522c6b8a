package facts

import "github.com/gpevtx/gpevtx/evtx"

// Selectors are the events that facts are made of. Their union with those of the rules is
// known before any log is opened.
func Selectors() []evtx.Selector {
	return []evtx.Selector{
		{ // what became of services
			Channels: []string{systemLog}, Providers: []string{scm},
			IDs: []uint16{7000, 7001, 7003, 7009, 7011, 7022, 7023, 7024, 7031, 7034, 7036, 7038, 7040, 7041, 7045},
		},
		{ // the service was installed, as the Security log has it
			Channels: []string{securityLog}, Providers: []string{auditing}, IDs: []uint16{4697},
			Data: []evtx.DataTest{{Name: "ServiceName", Values: []string{serviceKey}}},
		},
		{ // starts and stops of the computer, and its time zone
			Channels: []string{systemLog}, Providers: []string{eventLog},
			IDs: []uint16{6005, 6006, 6008, 6013},
		},
		{ // computer policy was applied: without and with changes
			Channels: []string{systemLog}, Providers: []string{groupPolicy}, IDs: []uint16{1500, 1502},
		},
		{ // security settings were applied: with errors, without
			Channels: []string{appLog}, Providers: []string{sceCli}, IDs: []uint16{1202, 1704},
		},
		{ // the synchronisation service came up, went down
			Channels: []string{appLog}, Providers: []string{adSync}, IDs: []uint16{2001, 2002},
		},
		{ // the synchronisation service is at work
			Channels: []string{appLog}, Providers: []string{dirSync}, IDs: lifeIDs,
		},
		{ // service logons
			Channels: []string{securityLog}, Providers: []string{auditing}, IDs: []uint16{4624, 4625},
			Data: []evtx.DataTest{{Name: "LogonType", Values: []string{loginTypeCode}}},
		},
		{ // what was done to accounts
			Channels: []string{securityLog}, Providers: []string{auditing},
			IDs: []uint16{4720, 4722, 4723, 4724, 4725, 4726, 4738, 4740, 4767},
		},
		{ // who was put into groups and taken out
			Channels: []string{securityLog}, Providers: []string{auditing}, IDs: []uint16{4728, 4729, 4732, 4733, 4756, 4757},
		},
	}
}
