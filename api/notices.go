package api

import (
	"net/http"
	"time"
)

// noticesWait is how long the answer of one question is waited for.
const noticesWait = 20 * time.Second

// notices lists what was found about what the caller owns.
func (c *call) notices() error {
	out, err := c.house.Notices(c.r.Context(), c.who, noticesWait)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}
