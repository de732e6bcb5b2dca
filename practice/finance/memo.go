package finance

import (
	"errors"
	"sync"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice/costs"
)

// mostAnswers is how many answers are remembered for each book. What is asked beyond is worked out each time.
const mostAnswers = 500

// errUnfinished is what is told where working an answer out ended before its time.
var errUnfinished = errors.New("working out the answer ended before its time: change something and ask again")

type answersKey struct{ book *costs.Book }

// answers remembers what was asked of a book, with what parameters and for which day.
type answers struct {
	mu   sync.Mutex
	made map[any]*answered
}

type answered struct {
	once sync.Once
	out  any
	err  error
}

// remember wraps a question, so that asking again with the same parameters costs nothing. Answers are shared and must not be written to.
func remember[In comparable, Out any](question func(estate.View, In) (Out, error)) func(estate.View, In) (Out, error) {
	return func(v estate.View, in In) (Out, error) {
		type key struct {
			in In
			at model.Date
		}
		book := costs.Of(v)
		a := v.Memo(answersKey{book}, func() any { return &answers{made: map[any]*answered{}} }).(*answers)
		a.mu.Lock()
		one := a.made[key{in, v.At()}]
		if one == nil && len(a.made) < mostAnswers {
			one = &answered{}
			a.made[key{in, v.At()}] = one
		}
		a.mu.Unlock()
		if one == nil {
			return question(v, in)
		}
		one.once.Do(func() {
			one.err = errUnfinished
			one.out, one.err = question(v, in)
		})
		out, _ := one.out.(Out)
		return out, one.err
	}
}
