# What only the legacy API tells, or what it still tells in shapes of its own.

data "xelon_legacy_clouds" {
  description = "Clouds with the numbers that the legacy API gives them, as load balancer clusters need them."
  attribute "tenant_id" {
    type        = string
    computed    = true
    from        = []
    description = "The tenant's id in the legacy API."
  }
  attribute "clouds" {
    type     = list(object({ number = number, name = string, short_name = string, type = number }))
    computed = true
    from     = []
  }
  request "tenant" {
    path   = join("", [replace(replace(provider.base_url, "/\\/(v2\\/?)?$/", ""), "/^(https?:\\/\\/[^\\/]+)$/", "$1/api"), "/service/tenant"])
    result = { tenant_id = response.tenant_identifier }
  }
  request "clouds" {
    path   = join("", [replace(replace(provider.base_url, "/\\/(v2\\/?)?$/", ""), "/^(https?:\\/\\/[^\\/]+)$/", "$1/api"), "/service/hv/list/", urlencode(step.tenant.tenant_identifier)])
    result = { clouds = [for c in response : { number = c.id, name = c.display_name, short_name = try(c.display_short_name, null), type = try(c.type, null) }] }
  }
}

data "xelon_kubernetes_talos_clusters" {
  description = "Kubernetes clusters in the shapes of the legacy API."
  attribute "clusters" {
    type     = list(object({ id = string, name = string, status = string, cloud_id = string }))
    computed = true
    from     = []
  }
  request "clusters" {
    path   = "/kubernetes-talos/clusters"
    result = { clusters = [for c in response : { id = c.clusterIdentifier, name = c.name, status = try(c.status, null), cloud_id = try(c.hv_system.identifier, null) }] }
  }
}

data "xelon_kubernetes_talos_cluster" {
  description = "The machines of a Kubernetes cluster in the shapes of the legacy API."
  attribute "kubernetes_cluster_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "control_plane" {
    type     = object({ cpu_core_count = number, disk_size = number, memory = number, nodes = list(string) })
    computed = true
    from     = []
  }
  attribute "pools" {
    type     = list(object({ id = string, name = string, nodes = list(string) }))
    computed = true
    from     = []
  }
  request "control_plane" {
    path   = "/kubernetes-talos/${self.kubernetes_cluster_id}/cluster-control-planes"
    result = { control_plane = { cpu_core_count = response.control_plane_cpu, disk_size = response.control_plane_disk, memory = response.control_plane_ram, nodes = [for n in response.nodes : n.identifier] } }
  }
  request "pools" {
    path   = "/kubernetes-talos/${self.kubernetes_cluster_id}/cluster-pools"
    result = { pools = [for p in response : { id = p.identifier, name = p.name, nodes = [for n in p.nodes : n.identifier] }] }
  }
}
