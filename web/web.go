// Package web is the door for people with a browser.
package web

import (
	"net/http"

	"binnacle/door"
	"binnacle/web/assetdesk"
	"binnacle/web/boards"
	"binnacle/web/compliance"
	"binnacle/web/decisions"
	"binnacle/web/desk"
	"binnacle/web/frame"
	"binnacle/web/imports"
	"binnacle/web/offices"
	"binnacle/web/portal"
	"binnacle/web/products"
	"binnacle/web/questions"
	"binnacle/web/radar"
	"binnacle/web/records"
	"binnacle/web/research"
	"binnacle/web/reviews"
	"binnacle/web/sign"
	"binnacle/web/sso"
)

// Handler returns all pages over a house.
func Handler(h *door.House, opt frame.Options) http.Handler {
	s := frame.New(h, opt)
	sign.Mount(s)
	sso.Mount(s)
	desk.Mount(s)
	records.Mount(s)
	questions.Mount(s)
	boards.Mount(s)
	imports.Mount(s)
	offices.Mount(s)
	assetdesk.Mount(s)
	reviews.Mount(s)
	compliance.Mount(s)
	decisions.Mount(s)
	radar.Mount(s)
	portal.Mount(s)
	products.Mount(s)
	research.Mount(s)
	return s
}
