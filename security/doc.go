// Package security tests every door at once as somebody would who wants to get
// at what is not meant for them: what each role sees and may change, on every
// route, and the attacks that other programs of this kind have suffered.
package security
