# Load balancers with their rules, and the load balancer clusters of Kubernetes.

resource "xelon_load_balancer" {
  use         = "gateway"
  description = "A load balancer."

  attribute "network_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "internalNetworkIdentifier"
    keep      = true
  }
  attribute "type" {
    type      = string
    required  = true
    on_change = "replace"
    keep      = true
    validate {
      condition = contains(["layer4", "layer7"], value)
      message   = "One of layer4, layer7 is needed."
    }
  }
  attribute "device_ids" {
    type        = set(string)
    default     = []
    from        = "assignedDevices"
    decode      = [for d in value : try(d.identifier, d)]
    description = "The devices that traffic is handed to."
  }
  create {
    request "create" {
      path = "/load-balancers"
      body = {
        cloudIdentifier            = self.cloud_id
        name                       = self.name
        tenantIdentifier           = self.tenant_id
        externalIpIdentifier       = self.external_ipv4_address_id
        externalNetworkIdentifier  = self.external_network_id
        internalIp                 = self.internal_ipv4_address
        internalNetworkIdentifier  = self.network_id
        loadBalancingType          = self.type
        assignedDevicesIdentifiers = length(self.device_ids) > 0 ? self.device_ids : null
      }
      object = response
    }
    wait "ready" {
      use          = "state"
      path         = "/load-balancers/${self.id}"
      list_pending = contains([0, 2], try(item.state, 1))
      object       = response
    }
  }
  read {
    request "read" {
      path = "/load-balancers/${self.id}"
    }
  }
  list {
    use        = "list"
    path       = "/load-balancers"
    attributes = ["id", "name", "type", "cloud_id", "tenant_id", "device_ids", "external_ipv4_address", "internal_ipv4_address", "health", "state"]
  }
  update "name" {
    attributes = ["name"]
    request "rename" {
      method = "PUT"
      path   = "/load-balancers/${self.id}"
      body   = { name = self.name }
    }
  }
  update "devices" {
    attributes = ["device_ids"]
    request "assign" {
      method = "PUT"
      path   = "/load-balancers/${self.id}/assigned-devices"
      body   = { deviceIdentifiers = self.device_ids }
    }
  }
  delete {
    request "delete" {
      path = "/load-balancers/${self.id}"
    }
  }
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_load_balancer_forwarding_rule" {
  description = "A rule of a load balancer."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "load_balancer_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "ipv4_addresses" {
    type     = set(string)
    required = true
    from     = "ip"
    validate {
      condition = length(value) > 0 && alltrue([for a in value : a != ""])
      message   = "At least one address is needed, and none may be empty."
    }
  }
  # The service sometimes tells other than two ports: that says nothing.
  attribute "from_port" {
    type     = number
    required = true
    from     = "ports"
    decode   = try(length(value) == 2 ? value[0] : null, null)
    keep     = true
    validate {
      condition = value >= 0 && value <= 65535
      message   = "A port is a number from 0 to 65535."
    }
  }
  attribute "to_port" {
    type     = number
    required = true
    from     = "ports"
    decode   = try(length(value) == 2 ? value[1] : null, null)
    keep     = true
    validate {
      condition = value >= 0 && value <= 65535
      message   = "A port is a number from 0 to 65535."
    }
  }
  create {
    request "create" {
      path   = "/load-balancers/${self.load_balancer_id}/rules"
      body   = { ip = self.ipv4_addresses, ports = [self.from_port, self.to_port] }
      object = response
    }
  }
  list {
    path       = "/load-balancers/${self.load_balancer_id}"
    items      = response.forwardingRules
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "ipv4_addresses", "from_port", "to_port"]
  }
  update "rule" {
    attributes = ["ipv4_addresses", "from_port", "to_port"]
    request "update" {
      method = "PUT"
      path   = "/load-balancers/${self.load_balancer_id}/rules/${self.id}"
      body   = { ip = self.ipv4_addresses, ports = [self.from_port, self.to_port] }
    }
  }
  delete {
    request "delete" {
      path = "/load-balancers/${self.load_balancer_id}/rules/${self.id}"
    }
  }
  import "<load_balancer_id>/<id>" {}
  recover {
    match = toset(item.ip) == self.ipv4_addresses && item.ports[0] == self.from_port && item.ports[1] == self.to_port
  }
}

resource "xelon_load_balancer_cluster" {
  use         = "identified"
  description = "A load balancer cluster of a Kubernetes cluster, in the legacy style."

  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "cloud_number" {
    type        = number
    required    = true
    on_change   = "replace"
    from        = []
    description = "The cloud's number in the legacy API; see data source xelon_legacy_clouds."
  }
  attribute "kubernetes_cluster_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "kubernetesClusterIdentifier"
    keep      = true
  }
  attribute "cpu_core_count" {
    type      = number
    default   = 2
    on_change = "replace"
    from      = []
  }
  attribute "disk_size" {
    type      = number
    default   = 50
    on_change = "replace"
    from      = []
  }
  attribute "memory" {
    type      = number
    default   = 4
    on_change = "replace"
    from      = []
  }
  attribute "cloud_id" {
    type     = string
    computed = true
    from     = "hv_system.identifier"
    keep     = true
  }
  attribute "nodes" {
    type     = list(string)
    computed = true
    volatile = true
  }
  attribute "status" {
    type     = string
    computed = true
    volatile = true
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = "tenantIdentifier"
    keep     = true
  }
  attribute "virtual_ips" {
    type        = list(object({ id = string, ip_address = string, pool_id = string, state = string }))
    computed    = true
    from        = []
    description = "The addresses that forwarding rules are made for."
  }
  timeouts {
    create = "30m"
  }
  create {
    request "create" {
      path = "/load-balancer-clusters"
      body = {
        cloudId                     = self.cloud_number
        kubernetesClusterIdentifier = self.kubernetes_cluster_id
        name                        = self.name
        nodesSpec                   = { cpuCoreCount = self.cpu_core_count, disk = self.disk_size, memory = self.memory }
      }
      object = response
    }
    # The words for the status are not published: it is there with its first address.
    wait "addressed" {
      use      = "settling"
      path     = "/load-balancer-clusters/${self.id}/virtual-ips"
      done     = length(response) > 0
      progress = "${length(response)} addresses"
    }
  }
  read {
    request "cluster" {
      path   = "/load-balancer-clusters/${self.id}"
      object = response
    }
    request "virtual_ips" {
      path   = "/load-balancer-clusters/${self.id}/virtual-ips"
      result = { virtual_ips = [for v in response : { id = v.identifier, ip_address = try(v.ipAddress, null), pool_id = try(v.vipPoolIdentifier, null), state = try(v.state, null) }] }
    }
  }
  list {
    path       = "/load-balancer-clusters"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "kubernetes_cluster_id", "cloud_id", "nodes", "status", "tenant_id"]
  }
  delete {
    request "delete" {
      path = "/load-balancer-clusters/${self.id}"
    }
  }
  recover {
    match = item.name == self.name && try(item.kubernetesClusterIdentifier, self.kubernetes_cluster_id) == self.kubernetes_cluster_id
  }
}

resource "xelon_load_balancer_cluster_forwarding_rule" {
  description = "A rule of a load balancer cluster."

  attribute "id" {
    type        = string
    computed    = true
    from        = "backend.identifier"
    description = "The backend's id."
  }
  attribute "frontend_id" {
    type     = string
    computed = true
    from     = "frontend.identifier"
  }
  attribute "load_balancer_cluster_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "virtual_ip_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "from_port" {
    type     = number
    required = true
    from     = "frontend.port"
    validate {
      condition = value >= 1 && value <= 65535
      message   = "A port is a number from 1 to 65535."
    }
  }
  attribute "to_port" {
    type     = number
    required = true
    from     = "backend.port"
    validate {
      condition = value >= 1 && value <= 65535
      message   = "A port is a number from 1 to 65535."
    }
  }
  attribute "proxy_protocol" {
    type        = number
    default     = 0
    from        = "backend.proxy_protocol"
    description = "1 to tell the backend where traffic comes from."
    validate {
      condition = value == 0 || value == 1
      message   = "0 or 1 is needed."
    }
  }
  create {
    # The body and the answer are lists.
    request "create" {
      path   = "/load-balancer-clusters/${self.load_balancer_cluster_id}/virtual-ips/${self.virtual_ip_id}/forwarding-rules"
      body   = [{ frontend = { port = self.from_port }, backend = { port = self.to_port, proxy_protocol = self.proxy_protocol } }]
      object = try(response[0], response)
    }
  }
  list {
    path       = "/load-balancer-clusters/${self.load_balancer_cluster_id}/virtual-ips/${self.virtual_ip_id}/forwarding-rules"
    items      = response
    item_key   = item.backend.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "frontend_id", "from_port", "to_port", "proxy_protocol"]
  }
  update "backend" {
    attributes = ["to_port", "proxy_protocol"]
    request "backend" {
      path       = "/load-balancer-clusters/${self.load_balancer_cluster_id}/virtual-ips/${self.virtual_ip_id}/forwarding-rules/${self.id}"
      body       = { port = self.to_port, proxy_protocol = self.proxy_protocol }
      idempotent = true
    }
  }
  update "frontend" {
    attributes = ["from_port"]
    request "frontend" {
      path       = "/load-balancer-clusters/${self.load_balancer_cluster_id}/virtual-ips/${self.virtual_ip_id}/forwarding-rules/${self.frontend_id}"
      body       = { port = self.from_port, proxy_protocol = self.proxy_protocol }
      idempotent = true
    }
  }
  delete {
    request "delete" {
      path = "/load-balancer-clusters/${self.load_balancer_cluster_id}/virtual-ips/${self.virtual_ip_id}/forwarding-rules/${self.id}"
    }
  }
  import "<load_balancer_cluster_id>/<virtual_ip_id>/<id>" {}
  recover {
    match = item.frontend.port == self.from_port && item.backend.port == self.to_port
  }
}

data "xelon_load_balancer" {
  use         = "gateway_data"
  description = "A load balancer, by id or exact name."
  attribute "device_ids" {
    type     = set(string)
    computed = true
    from     = "assignedDevices"
    decode   = [for d in value : try(d.identifier, d)]
  }
  attribute "type" {
    type     = string
    computed = true
  }
  request "find" {
    use  = "find"
    path = "/load-balancers"
  }
  request "details" {
    use  = "details"
    path = "/load-balancers/${self.id}"
  }
}

data "xelon_load_balancers" {
  description = "Load balancers, as far as the list tells them."
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "load_balancers" {
    type     = list(object({ id = string, name = string, type = string, state = number, health = string, external_ipv4_address = string, internal_ipv4_address = string }))
    computed = true
    from     = []
  }
  request "load_balancers" {
    use    = "pages"
    path   = "/load-balancers"
    query  = { search = self.search }
    result = { load_balancers = [for b in items : { id = b.identifier, name = b.name, type = try(b.type, null), state = try(b.state, null), health = try(b.health, null), external_ipv4_address = try(b.externalIp, null), internal_ipv4_address = try(b.internalIp, null) }] }
  }
}

data "xelon_load_balancer_assignable_devices" {
  description = "The devices of a network that a load balancer can be given."
  attribute "load_balancer_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "network_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "devices" {
    type     = list(object({ id = string, name = string }))
    computed = true
    from     = []
  }
  request "devices" {
    path   = "/load-balancers/${self.load_balancer_id}/assignable-devices/${self.network_id}"
    result = { devices = [for d in response : { id = d.identifier, name = d.name }] }
  }
}

data "xelon_load_balancer_clusters" {
  description = "All load balancer clusters."
  attribute "clusters" {
    type     = list(object({ id = string, name = string, kubernetes_cluster_id = string, status = string }))
    computed = true
    from     = []
  }
  request "clusters" {
    path   = "/load-balancer-clusters"
    result = { clusters = [for c in response : { id = c.identifier, name = c.name, kubernetes_cluster_id = try(c.kubernetesClusterIdentifier, null), status = try(c.status, null) }] }
  }
}

data "xelon_load_balancer_cluster_virtual_ips" {
  description = "The addresses of a load balancer cluster."
  attribute "load_balancer_cluster_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "virtual_ips" {
    type     = list(object({ id = string, ip_address = string, pool_id = string, state = string }))
    computed = true
    from     = []
  }
  request "virtual_ips" {
    path   = "/load-balancer-clusters/${self.load_balancer_cluster_id}/virtual-ips"
    result = { virtual_ips = [for v in response : { id = v.identifier, ip_address = try(v.ipAddress, null), pool_id = try(v.vipPoolIdentifier, null), state = try(v.state, null) }] }
  }
}
