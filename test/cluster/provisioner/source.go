package provisioner

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// source is the server that a remote replica follows, by its AppBinding.
type source struct {
	host   string
	secret string // with username and password
}

// remote tells whether the members follow a server that is none of them.
func (db *Database) remote() bool {
	return db.Spec.Topology.Mode == "RemoteReplica"
}

// findOthers reads what is known of another database that this one needs: the
// credentials of a ProxySQL's backend, or where a remote replica's source is.
func (r *reconciler) findOthers(ctx context.Context, b *build) (backend credentials, err error) {
	switch {
	case r.kind == "ProxySQL":
		return r.credentials(ctx, b.db.Namespace, b.db.Spec.Backend.Name+"-auth")
	case b.db.remote():
		b.source, err = r.findSource(ctx, b.db)
	}
	return backend, err
}

// findSource reads the AppBinding of the server that a remote replica follows. It
// is in the database's namespace, as its secret must be.
func (r *reconciler) findSource(ctx context.Context, db *Database) (source, error) {
	binding := &unstructured.Unstructured{}
	binding.SetGroupVersionKind(schema.GroupVersionKind{Group: "appcatalog.appscode.com", Version: "v1alpha1", Kind: "AppBinding"})
	key := client.ObjectKey{Namespace: db.Namespace, Name: db.Spec.Topology.RemoteReplica.Source.Name}
	if err := r.Get(ctx, key, binding); err != nil {
		return source{}, err
	}
	service, _, _ := unstructured.NestedString(binding.Object, "spec", "clientConfig", "service", "name")
	secret, _, _ := unstructured.NestedString(binding.Object, "spec", "secret", "name")
	return source{host: service + "." + db.Namespace + ".svc", secret: secret}, nil
}
