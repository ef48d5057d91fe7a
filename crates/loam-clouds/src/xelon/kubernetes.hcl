# Kubernetes clusters and their node pools.

# Waiting for a cluster.
template "cluster_ready" {
  use      = "settling"
  path     = "/kubernetes/${self.id}"
  interval = "10s"
  delay    = "5s"
  done     = response.status == "Ready"
  failed   = contains(["Deleting", "Deleted", "Error"], response.status)
  reason   = "the status is ${response.status}, and Ready was expected"
  progress = response.status
}
template "cluster_healthy" {
  use      = "settling"
  path     = "/kubernetes/${self.id}"
  interval = "10s"
  delay    = "0s"
  done     = try(response.health.health, "") == "healthy"
  progress = try(response.health.health, null)
}
template "pool_deployed" {
  use      = "settling"
  path     = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
  interval = "10s"
  delay    = "5s"
  done     = alltrue([for n in try(response.nodes, []) : n.status == "Deployed"])
  progress = "${length([for n in try(response.nodes, []) : n if n.status == "Deployed"])} of ${length(try(response.nodes, []))} nodes"
}

resource "xelon_kubernetes_cluster" {
  use         = "identified"
  description = "A Kubernetes cluster."

  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "cloud_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "cloud.identifier"
    keep      = true
  }
  attribute "tenant_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "kubernetes_version" {
    type     = string
    required = true
    from     = []
  }
  attribute "talos_version" {
    type     = string
    required = true
    from     = []
  }
  attribute "control_plane" {
    type        = object({ cpu_core_count = optional(number, 2), disk_size = optional(number, 50), memory = optional(number, 4), high_availability_enabled = optional(bool, true) })
    default     = {}
    from        = []
    description = "The nodes of the control plane. High availability can be switched on later, for the load balancers as well, and never off."
  }
  attribute "load_balancer" {
    type         = object({ cpu_core_count = optional(number, 2), disk_size = optional(number, 50), memory = optional(number, 4), high_availability_enabled = optional(bool, true) })
    default      = {}
    from         = []
    replace_when = value.cpu_core_count != prior.cpu_core_count || value.disk_size != prior.disk_size || value.memory != prior.memory
    description  = "The load balancers before the control plane. Their sizes cannot be changed."
  }
  attribute "status" {
    type     = string
    computed = true
    volatile = true
  }
  attribute "health" {
    type     = string
    computed = true
    from     = "health.health"
    volatile = true
  }
  change {
    condition = (self.control_plane.high_availability_enabled || !prior.control_plane.high_availability_enabled) && (self.load_balancer.high_availability_enabled || !prior.load_balancer.high_availability_enabled)
    message   = "High availability cannot be switched off again."
  }
  change {
    condition = (self.control_plane.high_availability_enabled == prior.control_plane.high_availability_enabled && self.load_balancer.high_availability_enabled == prior.load_balancer.high_availability_enabled) || (self.control_plane.high_availability_enabled && self.load_balancer.high_availability_enabled)
    message   = "High availability is switched on for control_plane and load_balancer together."
  }
  timeouts {
    syntax = "attribute"
    create = "30m"
    update = "30m"
    delete = "30m"
  }
  create {
    request "create" {
      path = "/kubernetes"
      body = {
        clusterName      = self.name
        cloudIdentifier  = self.cloud_id
        tenantIdentifier = self.tenant_id
        k8sVersion       = self.kubernetes_version
        talosVersion     = self.talos_version
        controlPlaneType = self.control_plane.high_availability_enabled ? "production" : "test"
        controlPlaneCpu  = self.control_plane.cpu_core_count
        controlPlaneDisk = self.control_plane.disk_size
        controlPlaneRam  = self.control_plane.memory
        loadBalancerType = self.load_balancer.high_availability_enabled ? "production" : "test"
        loadBalancerCpu  = self.load_balancer.cpu_core_count
        loadBalancerDisk = self.load_balancer.disk_size
        loadBalancerRam  = self.load_balancer.memory
        # The service fixes these.
        podSubnet     = "100.111.0.0/16"
        serviceSubnet = "100.112.0.0/12"
        notify        = false
        workerPool    = []
      }
      result = { id = response.identifier }
    }
    wait "ready" {
      use     = "cluster_ready"
      usually = "5m"
    }
    wait "healthy" {
      use    = "cluster_healthy"
      object = response
    }
  }
  read {
    request "cluster" {
      path   = "/kubernetes/${self.id}"
      object = response
    }
    # High availability is not a field: it shows in the number of machines.
    request "control_plane" {
      path = "/kubernetes/${self.id}/control-planes"
      result = {
        control_plane = {
          cpu_core_count            = response.controlPlaneCpu
          disk_size                 = response.controlPlaneDisk
          memory                    = response.controlPlaneRam
          high_availability_enabled = length(response.nodes) > 1
        }
      }
    }
    request "load_balancer" {
      path = "/kubernetes/${self.id}/load-balancers"
      result = {
        load_balancer = {
          cpu_core_count            = response[0].loadBalancerCpu
          disk_size                 = response[0].loadBalancerDisk
          memory                    = response[0].loadBalancerRam
          high_availability_enabled = length(response[0].loadBalancers) > 1
        }
      }
    }
  }
  list {
    use        = "list"
    path       = "/kubernetes"
    attributes = ["id", "name", "cloud_id", "status", "health"]
  }
  # Talos first: it decides which versions of Kubernetes there are.
  update "talos_version" {
    attributes = ["talos_version"]
    request "talos" {
      method     = "POST"
      path       = "/kubernetes/${self.id}/talos-version"
      body       = { version = self.talos_version }
      idempotent = true
      wait "ready" {
        use = "cluster_ready"
      }
      wait "healthy" {
        use = "cluster_healthy"
      }
    }
  }
  update "kubernetes_version" {
    attributes = ["kubernetes_version"]
    request "kubernetes" {
      method     = "POST"
      path       = "/kubernetes/${self.id}/k8s-version"
      body       = { version = self.kubernetes_version }
      idempotent = true
      wait "ready" {
        use = "cluster_ready"
      }
      wait "healthy" {
        use = "cluster_healthy"
      }
    }
  }
  update "control_plane" {
    attributes = ["control_plane"]
    request "control_plane" {
      when       = self.control_plane.cpu_core_count != prior.control_plane.cpu_core_count || self.control_plane.disk_size != prior.control_plane.disk_size || self.control_plane.memory != prior.control_plane.memory
      method     = "PATCH"
      path       = "/kubernetes/${self.id}/control-planes"
      body       = { cpuCoreCount = self.control_plane.cpu_core_count, disk = self.control_plane.disk_size, memory = self.control_plane.memory }
      idempotent = true
      wait "ready" {
        use = "cluster_ready"
      }
      wait "healthy" {
        use = "cluster_healthy"
      }
    }
  }
  update "availability" {
    attributes = ["control_plane", "load_balancer"]
    request "upgrade" {
      when       = (self.control_plane.high_availability_enabled && !prior.control_plane.high_availability_enabled) || (self.load_balancer.high_availability_enabled && !prior.load_balancer.high_availability_enabled)
      method     = "POST"
      path       = "/kubernetes/${self.id}/upgrade"
      idempotent = true
      wait "upgraded" {
        use = "cluster_ready"
      }
      wait "healthy" {
        use = "cluster_healthy"
      }
    }
  }
  gone_when = try(response.status, "") == "Deleted"
  delete {
    request "delete" {
      path = "/kubernetes/${self.id}"
    }
    wait "deleted" {
      path     = "/kubernetes/${self.id}"
      interval = "10s"
      delay    = "5s"
      timeout  = "30m"
      done     = response.status == "Deleted"
      progress = response.status
    }
  }
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_kubernetes_node_pool" {
  description = "A pool of worker nodes."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "kubernetes_cluster_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "node_count" {
    type    = number
    default = 3
    from    = "nodes"
    decode  = length(value)
    validate {
      condition = value >= 1
      message   = "A pool has at least one node."
    }
  }
  attribute "cpu_core_count" {
    type    = number
    default = 2
    from    = "cpu"
  }
  attribute "disk_size" {
    type    = number
    default = 50
    from    = "disk"
  }
  attribute "memory" {
    type    = number
    default = 4
  }
  attribute "extra_disk_size" {
    type        = number
    optional    = true
    computed    = true
    from        = "extraStorage"
    description = "GB of a further disk for storage; 0 for none."
  }
  timeouts {
    syntax = "attribute"
    create = "30m"
    update = "30m"
  }
  create {
    request "create" {
      path = "/kubernetes/${self.kubernetes_cluster_id}/pools"
      body = {
        workerPoolName      = self.name
        workerNodeAmount    = self.node_count
        workerNodeCpu       = self.cpu_core_count
        workerNodeDisk      = self.disk_size
        workerNodeRam       = self.memory
        workerNodeIsStorage = try(self.extra_disk_size > 0, false)
        workerNodeExtraDisk = try(self.extra_disk_size > 0, false) ? self.extra_disk_size : null
      }
      result = { id = response.identifier }
    }
    wait "deployed" {
      use    = "pool_deployed"
      object = response
    }
  }
  list {
    path       = "/kubernetes/${self.kubernetes_cluster_id}/pools"
    items      = response
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "node_count", "cpu_core_count", "disk_size", "memory", "extra_disk_size"]
  }
  update "pool" {
    attributes = ["name", "cpu_core_count", "disk_size", "memory", "extra_disk_size"]
    request "update" {
      path = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
      body = {
        name            = self.name
        cpuCoreCount    = self.cpu_core_count
        disk            = self.disk_size
        memory          = self.memory
        hasExtraStorage = try(self.extra_disk_size > 0, false) ? 1 : 0
        extraStorage    = try(coalesce(self.extra_disk_size), 0)
      }
      idempotent = true
      wait "deployed" {
        use = "pool_deployed"
      }
    }
  }
  # One request for each node; the last of the pool go first.
  update "nodes" {
    attributes = ["node_count"]
    request "pool" {
      method = "GET"
      path   = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
    }
    request "add" {
      for_each = range(max(0, self.node_count - length(step.pool.nodes)))
      method   = "POST"
      path     = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}/nodes"
    }
    wait "added" {
      use  = "pool_deployed"
      when = self.node_count > length(step.pool.nodes)
    }
    request "remove" {
      for_each = slice(reverse([for n in step.pool.nodes : n.identifier if n.status == "Deployed"]), 0, max(0, min(length(step.pool.nodes) - self.node_count, length([for n in step.pool.nodes : n if n.status == "Deployed"]))))
      method   = "DELETE"
      path     = "/kubernetes/${self.kubernetes_cluster_id}/nodes/${each.value}"
      accept   = ["404"]
    }
    wait "removed" {
      use  = "pool_deployed"
      when = self.node_count < length(step.pool.nodes)
      done = length(response.nodes) <= self.node_count && alltrue([for n in response.nodes : n.status == "Deployed"])
    }
  }
  delete {
    request "delete" {
      path = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
    }
  }
  import "<kubernetes_cluster_id>/<id>" {}
  recover {
    match = item.name == self.name
  }
}

data "xelon_kubernetes_cluster" {
  description = "Access to a Kubernetes cluster."
  attribute "kubernetes_cluster_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "kubeconfig_raw" {
    type      = string
    computed  = true
    sensitive = true
    from      = []
  }
  attribute "talosconfig_raw" {
    type      = string
    computed  = true
    sensitive = true
    from      = []
  }
  request "kube" {
    path        = "/kubernetes/${self.kubernetes_cluster_id}/config/kube"
    accept_text = "application/yaml"
    result      = { kubeconfig_raw = body }
  }
  request "talos" {
    path        = "/kubernetes/${self.kubernetes_cluster_id}/config/talos"
    accept_text = "application/yaml"
    result      = { talosconfig_raw = body }
  }
}

data "xelon_kubernetes_clusters" {
  description = "All Kubernetes clusters."
  attribute "clusters" {
    type     = list(object({ id = string, name = string, cloud_id = string, status = string, health = string }))
    computed = true
    from     = []
  }
  request "clusters" {
    use    = "pages"
    path   = "/kubernetes"
    result = { clusters = [for c in items : { id = c.identifier, name = c.name, cloud_id = try(c.cloud.identifier, null), status = try(c.status, null), health = try(c.health.health, null) }] }
  }
}

data "xelon_kubernetes_cluster_versions" {
  description = "Versions that a cloud offers, newest first."
  attribute "cloud_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "versions" {
    type     = list(object({ talos_version = string, kubernetes_versions = list(string) }))
    computed = true
    from     = []
  }
  attribute "latest" {
    type     = object({ talos_version = string, kubernetes_version = string })
    computed = true
    value    = try({ talos_version = self.versions[0].talos_version, kubernetes_version = self.versions[0].kubernetes_versions[0] }, null)
  }
  # Padded to sort as texts: 1.10.9 as 00001.00010.00009.
  request "versions" {
    path = "/kubernetes/versions/${self.cloud_id}"
    result = {
      versions = [for key in reverse(sort([for t in keys(response) : "${join(".", [for n in split(".", trimprefix(t, "v")) : try(format("%05d", tonumber(n)), n)])} ${t}"])) : {
        talos_version       = element(split(" ", key), 1)
        kubernetes_versions = [for k in reverse(sort([for v in response[element(split(" ", key), 1)] : "${join(".", [for n in split(".", trimprefix(v, "v")) : try(format("%05d", tonumber(n)), n)])} ${v}"])) : element(split(" ", k), 1)]
      }]
    }
  }
}

data "xelon_kubernetes_nodes" {
  description = "The machines of a Kubernetes cluster."
  attribute "kubernetes_cluster_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "control_plane" {
    type     = list(object({ id = string, name = string, status = string }))
    computed = true
    from     = []
  }
  attribute "load_balancers" {
    type     = list(object({ name = string, ip_address = string }))
    computed = true
    from     = []
  }
  attribute "pools" {
    type     = list(object({ id = string, name = string, nodes = list(object({ id = string, name = string, status = string })) }))
    computed = true
    from     = []
  }
  request "control_plane" {
    path   = "/kubernetes/${self.kubernetes_cluster_id}/control-planes"
    result = { control_plane = [for n in response.nodes : { id = n.identifier, name = n.name, status = n.status }] }
  }
  request "load_balancers" {
    path   = "/kubernetes/${self.kubernetes_cluster_id}/load-balancers"
    result = { load_balancers = flatten([for b in response : [for l in b.loadBalancers : { name = l.loadBalancerName, ip_address = l.loadBalancerIp }]]) }
  }
  request "pools" {
    path   = "/kubernetes/${self.kubernetes_cluster_id}/pools"
    result = { pools = [for p in response : { id = p.identifier, name = p.name, nodes = [for n in p.nodes : { id = n.identifier, name = n.name, status = n.status }] }] }
  }
}
