package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"os/exec"
	"strconv"

	"binnacle/practice/risk/fair"
)

//go:embed fair.py
var numpyFair string

// The sizes that are measured.
const (
	manyYears      = 1_000_000
	portfolioRisks = 200
	portfolioYears = 100_000
)

// risks measures the simulation of one risk beside NumPy, and of a portfolio.
func risks(r *run) error {
	one, took, mean, p95, err := oneRisk()
	if err != nil {
		return err
	}
	beside, err := numpy(r)
	if err != nil {
		beside = "NumPy not measured: " + err.Error()
	}
	r.report(fmt.Sprintf("one risk, %d years, with its curve", manyYears), beside, "", "%s, mean %.0f, P95 %.0f", took, mean, p95)
	for _, joined := range []bool{false, true} {
		took, err := portfolio(one, joined)
		if err != nil {
			return err
		}
		what := "apart"
		if joined {
			what = "each following one of five common causes"
		}
		r.report(fmt.Sprintf("%d risks, %d years, %s", portfolioRisks, portfolioYears, what), "", "<= 1 s", "%s", took)
	}
	return nil
}

// oneRisk plays the risk that the program for NumPy plays, three times, and returns the shortest time.
func oneRisk() (one fair.Risk, took lap, mean, p95 float64, err error) {
	one = fair.Risk{Name: 1, Frequency: fair.Estimate{Low: 0.1, Likely: 0.5, High: 2},
		Forms: []fair.Form{{Amount: fair.Estimate{Low: 10_000, Likely: 100_000, High: 500_000, Shape: fair.Lognormal}}}}
	for seed := range uint64(3) {
		began := begin()
		m, err := fair.New(one)
		if err != nil {
			return one, lap{}, 0, 0, err
		}
		res := fair.Simulate([]*fair.Model{m}, fair.Options{Years: manyYears, Seed: seed})
		mean, p95 = res.Mean, res.Quantile(0.95)
		res.Tail(0.95)
		res.Curve(40)
		took = began.lap().quicker(took)
	}
	return one, took, mean, p95, nil
}

// portfolio plays many risks together, from the estimates to the contributions, three times, and returns the shortest time.
func portfolio(one fair.Risk, joined bool) (took lap, err error) {
	var list []fair.Risk
	for i := range portfolioRisks {
		r := one
		r.Name = uint64(i + 1)
		r.Frequency = fair.Estimate{Low: 0.01, Likely: 0.05 * float64(1+i%10), High: 0.2 * float64(2+i%10)}
		r.Forms = []fair.Form{one.Forms[0], {Amount: fair.Estimate{Low: 10, Likely: 1000, High: 9000 + float64(i)}}, {Secondary: true, Amount: fair.Estimate{Low: 100, Likely: 1000, High: 1e6, Shape: fair.Lognormal}}}
		r.Reaction = fair.Estimate{Low: 0.05, Likely: 0.1, High: 0.3}
		if joined {
			r.Causes = []fair.Share{{Cause: uint64(i % 5), Correlation: 0.5}}
		}
		list = append(list, r)
	}
	for seed := range uint64(3) {
		began := begin()
		models, errs := fair.NewAll(list)
		if err := cmp.Or(errs...); err != nil {
			return lap{}, err
		}
		fair.SimulateAll(models, fair.Options{Years: portfolioYears, Seed: seed}, 0.95)
		took = began.lap().quicker(took)
	}
	return took, nil
}

// numpy plays the same risk with NumPy, where a Python with it is installed.
func numpy(r *run) (string, error) {
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		path, err := exec.LookPath(name)
		if err != nil || exec.CommandContext(r.ctx, path, "-c", "import numpy").Run() != nil {
			continue
		}
		out, err := exec.CommandContext(r.ctx, path, "-c", numpyFair, strconv.Itoa(manyYears)).Output()
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		var took, mean, p95 float64
		if _, err := fmt.Sscan(string(out), &took, &mean, &p95); err != nil {
			return "", fmt.Errorf("%q is no result: %w", out, err)
		}
		return fmt.Sprintf("NumPy %.3f s, mean %.0f, P95 %.0f", took, mean, p95), nil
	}
	return "", fmt.Errorf("there is no python3 with numpy (install python3-numpy)")
}
