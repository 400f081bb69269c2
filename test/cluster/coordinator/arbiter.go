package coordinator

import (
	"context"
	"strings"
)

// arbiter is what an even number of members has besides: it answers for the
// cluster as each of them does, but has no server and so never leads. Its vote
// is not modelled: who leads is written in a Lease here.
type arbiter struct{ *postgres }

func newArbiter(k *kube) arbiter {
	k.set = strings.TrimSuffix(k.set, "-arbiter")
	return arbiter{&postgres{kube: k, voter: true}}
}

func (a arbiter) step(ctx context.Context) error {
	lease, err := a.lease(ctx)
	if err != nil {
		return err
	}
	a.listen(lease.Annotations[faultNote] != faultSilent)
	return nil
}
