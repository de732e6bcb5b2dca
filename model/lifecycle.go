package model

// Lifecycle holds the dates on which something enters each phase of its life.
type Lifecycle struct {
	// Plan is the day when planning starts.
	Plan Date
	// PhaseIn is the day when it starts to be built, bought or rolled out.
	PhaseIn Date
	// Active is the day when it is in full use.
	Active Date
	// PhaseOut is the day when its use starts to be reduced.
	PhaseOut Date
	// EndOfLife is the day when it is no longer used or supported.
	EndOfLife Date
}

// Phase is one phase of a life cycle.
type Phase string

// The phases of a life cycle, in order.
const (
	PhaseUnknown   Phase = ""
	PhasePlan      Phase = "plan"
	PhasePhaseIn   Phase = "phase_in"
	PhaseActive    Phase = "active"
	PhasePhaseOut  Phase = "phase_out"
	PhaseEndOfLife Phase = "end_of_life"
)

// Options lists the phases in order.
func (Phase) Options() []Option {
	return []Option{
		{"plan", "Plan", "It is thought about or planned."},
		{"phase_in", "Phase in", "It is being built, bought or rolled out."},
		{"active", "Active", "It is in full use."},
		{"phase_out", "Phase out", "Its use is being reduced."},
		{"end_of_life", "End of life", "It is no longer used or supported."},
	}
}

// PhaseAt returns the phase on a day: the one with the latest date that has
// come, or unknown where no date has.
func (l Lifecycle) PhaseAt(day Date) Phase {
	phase := PhaseUnknown
	for _, step := range []struct {
		from  Date
		phase Phase
	}{{l.Plan, PhasePlan}, {l.PhaseIn, PhasePhaseIn}, {l.Active, PhaseActive}, {l.PhaseOut, PhasePhaseOut}, {l.EndOfLife, PhaseEndOfLife}} {
		if !step.from.IsZero() && step.from <= day {
			phase = step.phase
		}
	}
	return phase
}

// Phases returns the dates of a life cycle. Kinds that embed a Lifecycle share this method.
func (l Lifecycle) Phases() Lifecycle { return l }

// Criticality says how much the business depends on something.
type Criticality string

// The levels of criticality, lowest first.
const (
	CriticalityLow      Criticality = "low"
	CriticalityMedium   Criticality = "medium"
	CriticalityHigh     Criticality = "high"
	CriticalityCritical Criticality = "critical"
)

// Options lists the levels of criticality, lowest first.
func (Criticality) Options() []Option {
	return []Option{
		{"low", "Low", "Nobody outside the team notices a day without it."},
		{"medium", "Medium", "Work is slower without it, but goes on."},
		{"high", "High", "A business unit stops within a day without it."},
		{"critical", "Critical", "Revenue, safety or a legal duty is hit within hours without it."},
	}
}

// Environment says what a host, a resource or an application instance is used for.
type Environment string

// The environments.
const (
	EnvironmentDevelopment Environment = "development"
	EnvironmentTest        Environment = "test"
	EnvironmentStaging     Environment = "staging"
	EnvironmentProduction  Environment = "production"
)

// Options lists the environments from development to production.
func (Environment) Options() []Option {
	return []Option{
		{"development", "Development", "For building."},
		{"test", "Test", "For testing."},
		{"staging", "Staging", "For the last check before production."},
		{"production", "Production", "For real use."},
	}
}

// Level is a judgement from very low to very high.
type Level string

// The levels, lowest first.
const (
	LevelVeryLow  Level = "very_low"
	LevelLow      Level = "low"
	LevelMedium   Level = "medium"
	LevelHigh     Level = "high"
	LevelVeryHigh Level = "very_high"
)

// Options lists the levels, lowest first.
func (Level) Options() []Option {
	return []Option{
		{"very_low", "Very low", "Far below what is wanted."},
		{"low", "Low", "Below what is wanted."},
		{"medium", "Medium", "As wanted, with gaps."},
		{"high", "High", "As wanted."},
		{"very_high", "Very high", "Better than wanted."},
	}
}
