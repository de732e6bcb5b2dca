package privacy

import (
	"binnacle/model"
	"binnacle/practice"
)

// How periods are counted here, after Regulation (EEC, Euratom) No 1182/71, which holds for periods in the law of the Union:
//
// A period of months begins with the day after the event and ends with the day of the last month that has the same number as the day of the
// event, or with the last day of that month where it has no such day: a request of 31 January is to be answered by 28 or 29 February (Art. 3(1) and (2)(c)).
// Where that is a Saturday, a Sunday or a public holiday, the period ends with the next working day (Art. 3(4)).
//
// One month that is extended by two is one period of three months from the same event: it is not counted anew from the end of the first month.

// MonthsAfter returns the last day of a period of months that an event on a day begins, moved to the next working day of a country where it
// ends on none. Of a country whose holidays are not known, Saturdays and Sundays alone count.
func MonthsAfter(event model.Date, months int, country string) model.Date {
	return practice.WorkdayFrom(country, event.AddMonths(months))
}

// WeeksAfter returns the last day of a period of weeks that an event on a day begins, moved likewise.
func WeeksAfter(event model.Date, weeks int, country string) model.Date {
	return practice.WorkdayFrom(country, event.AddDays(7*weeks))
}

// Clock is how the time for a request runs.
type Clock struct {
	// Starts is the day that the month is counted from. Unset where the request waits for the identity of the person.
	Starts model.Date
	// First is the last day of the first month: by it the person must have the answer, the refusal, or the notice of an extension.
	First model.Date
	// Due is the last day of the time that holds.
	Due model.Date
	// Waits says that it is not certain who asks, and that the clock stands still because of that.
	Waits bool
	// Extended says that an extension holds.
	Extended bool
	// ToldLate says that the person was told of an extension after the first month, so that it does not hold.
	ToldLate bool
	// Open says that the request is not answered.
	Open bool
	// Late says that it was answered after its time, or that the time is over.
	Late bool
	// DaysLeft is how many days are left until it is due, below zero when it is past. It counts for open requests.
	DaysLeft int
	// Took is how many days lie between the receipt and the answer.
	Took int
}

// ClockOf returns how the time for a request stands on a day. Public holidays are those of a country.
//
// The answer is due one month after the receipt, or three where the person was told so within the first (GDPR Art. 12(3)). Who is told that nothing is done
// must be told within the first month, whatever was extended (Art. 12(4)).
func ClockOf(r *model.DataSubjectRequest, country string, at model.Date) Clock {
	c := Clock{Starts: r.Received}
	answered := !r.Answered.IsZero() && r.Answered <= at
	withdrawn := r.State == "withdrawn"
	c.Open = !answered && !withdrawn
	if answered {
		c.Took = int(r.Answered - r.Received)
	}
	if r.WaitsForIdentity {
		c.Starts = max(r.IdentityVerified, r.Received)
		if r.IdentityVerified.IsZero() || r.IdentityVerified > at {
			c.Starts, c.Waits = 0, c.Open
			return c
		}
	}
	c.First = MonthsAfter(c.Starts, 1, country)
	c.Due = c.First
	if !r.Extended.IsZero() && r.Extended <= at {
		c.ToldLate = r.Extended > c.First
		c.Extended = !c.ToldLate
	}
	if c.Extended && !(answered && r.Refused != "") {
		c.Due = MonthsAfter(c.Starts, 3, country)
	}
	switch {
	case answered:
		c.Late = r.Answered > c.Due
	case c.Open:
		c.DaysLeft = int(c.Due - at)
		c.Late = at > c.Due
	}
	return c
}
