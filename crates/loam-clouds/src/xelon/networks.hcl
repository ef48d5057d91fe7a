# Networks and what of them other tenants may use.

resource "xelon_network" {
  use         = "identified"
  description = "A LAN or WAN network."

  attribute "type" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = contains(["LAN", "WAN"], value)
      message   = "One of LAN, WAN is needed."
    }
  }
  attribute "name" {
    type     = string
    required = true
    validate {
      condition = value != ""
      message   = "A name is needed."
    }
  }
  attribute "network_speed" {
    type        = number
    required    = true
    from        = "networkSpeedValue"
    description = "MBit/s: 1000 or 10000."
  }
  attribute "subnet_size" {
    type        = number
    required    = true
    on_change   = "replace"
    from        = "networkSize"
    description = "Length of the prefix, such as 24."
  }
  attribute "cloud_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "clouds"
    # A stretched network is in several clouds.
    decode = try(contains([for c in value : c.identifier], self.cloud_id), false) ? self.cloud_id : try(value[0].identifier, null)
    keep   = true
  }
  attribute "network" {
    type        = string
    optional    = true
    computed    = true
    description = "First address. Required for a LAN; the service assigns a WAN's."
  }
  attribute "gateway" {
    type     = string
    optional = true
    computed = true
  }
  attribute "dns_primary" {
    type     = string
    optional = true
    computed = true
    from     = "dns1"
  }
  attribute "dns_secondary" {
    type     = string
    optional = true
    computed = true
    from     = "dns2"
  }
  attribute "tenant_id" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "owner.identifier"
    keep      = true
  }
  attribute "stretch_to_cloud_id" {
    type        = string
    optional    = true
    on_change   = "replace"
    from        = []
    description = "A second cloud that the network reaches into."
  }
  validate {
    condition = config.type != "LAN" || (config.network != null && config.gateway != null && config.dns_primary != null)
    message   = "A LAN needs network, gateway and dns_primary."
  }
  validate {
    condition = config.type != "WAN" || config.network == null
    message   = "The service assigns the addresses of a WAN: leave out network."
  }
  create {
    request "lan" {
      when = self.type == "LAN"
      path = "/networks/lan"
      body = {
        cloudIdentifier    = self.cloud_id
        name               = self.name
        networkSpeedValue  = self.network_speed
        networkSize        = self.subnet_size
        network            = self.network
        gateway            = self.gateway
        dns1               = self.dns_primary
        dns2               = self.dns_secondary
        tenantIdentifier   = self.tenant_id
        isStretched        = self.stretch_to_cloud_id == null ? null : true
        cloudForStretching = self.stretch_to_cloud_id
      }
      object = response
    }
    request "wan" {
      when = self.type == "WAN"
      path = "/networks/wan"
      body = {
        cloudIdentifier    = self.cloud_id
        name               = self.name
        networkSpeedValue  = self.network_speed
        networkSize        = self.subnet_size
        tenantIdentifier   = self.tenant_id
        isStretched        = self.stretch_to_cloud_id == null ? null : true
        cloudForStretching = self.stretch_to_cloud_id
      }
      object = response
    }
    # What the service has assigned to a WAN can be changed afterwards.
    request "assigned" {
      when   = self.type == "WAN" && (config.gateway != null || config.dns_primary != null || config.dns_secondary != null)
      method = "GET"
      path   = "/networks/${self.id}"
    }
    request "settings" {
      when   = can(step.assigned)
      method = "PATCH"
      path   = "/networks/${self.id}/wan"
      body = {
        name              = self.name
        networkSpeedValue = self.network_speed
        gateway           = try(coalesce(config.gateway, step.assigned.gateway), null)
        dns1              = try(coalesce(config.dns_primary, step.assigned.dns1), null)
        dns2              = try(coalesce(config.dns_secondary, step.assigned.dns2), null)
      }
      idempotent = true
    }
  }
  read {
    request "read" {
      path = "/networks/${self.id}"
    }
  }
  list {
    use        = "list"
    path       = "/networks"
    attributes = ["id", "type", "name", "network_speed", "subnet_size", "cloud_id", "network", "gateway", "dns_primary", "dns_secondary", "tenant_id"]
  }
  update "network" {
    attributes = ["name", "network_speed", "network", "gateway", "dns_primary", "dns_secondary"]
    request "lan" {
      when   = self.type == "LAN"
      method = "PATCH"
      path   = "/networks/${self.id}/lan"
      body = {
        name              = self.name
        networkSpeedValue = self.network_speed
        network           = self.network
        gateway           = self.gateway
        dns1              = self.dns_primary
        dns2              = self.dns_secondary
      }
      idempotent = true
    }
    request "wan" {
      when   = self.type == "WAN"
      method = "PATCH"
      path   = "/networks/${self.id}/wan"
      body = {
        name              = self.name
        networkSpeedValue = self.network_speed
        gateway           = self.gateway
        dns1              = self.dns_primary
        dns2              = self.dns_secondary
      }
      idempotent = true
    }
  }
  delete {
    request "delete" {
      path = "/networks/${self.id}"
    }
  }
  recover {
    match = item.name == self.name && item.type == self.type
  }
}

resource "xelon_network_share" {
  description = "Lets another tenant use a network."

  attribute "network_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "tenant_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "cloud_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  identity = ["network_id", "tenant_id"]
  create {
    request "share" {
      path       = "/networks/share"
      body       = { cloudIdentifier = self.cloud_id, tenantIdentifier = self.tenant_id, networks = [self.network_id] }
      idempotent = true
    }
  }
  list {
    path       = "/networks/share"
    query      = { cloudIdentifier = self.cloud_id, tenantIdentifier = self.tenant_id }
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.network_id
    attributes = []
  }
  delete {
    request "unshare" {
      path = "/networks/share"
      body = { networkIdentifier = self.network_id, tenantIdentifier = self.tenant_id }
    }
  }
  import "<cloud_id>/<tenant_id>/<network_id>" {}
  recover {
    match = item.identifier == self.network_id
  }
}

data "xelon_network" {
  use         = "id_or_name"
  description = "A network, by id or exact name."
  attribute "clouds" {
    type     = set(object({ id = string, name = string }))
    computed = true
    decode   = [for c in value : { id = c.identifier, name = c.name }]
  }
  attribute "dns_primary" {
    type     = string
    computed = true
    from     = "dns1"
  }
  attribute "dns_secondary" {
    type     = string
    computed = true
    from     = "dns2"
  }
  attribute "gateway" {
    type     = string
    computed = true
  }
  attribute "network" {
    type     = string
    computed = true
  }
  attribute "network_speed" {
    type     = number
    computed = true
    from     = "networkSpeedValue"
  }
  attribute "subnet_size" {
    type     = number
    computed = true
    from     = "networkSize"
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = "owner.identifier"
  }
  attribute "type" {
    type     = string
    computed = true
  }
  attribute "addresses" {
    type        = list(object({ id = string, ip = string }))
    computed    = true
    from        = "ips"
    decode      = [for a in value : { id = a.identifier, ip = a.ip }]
    description = "Addresses with their ids, for ipv4_address_id of devices, firewalls and load balancers."
  }
  request "find" {
    use  = "find"
    path = "/networks"
  }
  request "details" {
    use  = "details"
    path = "/networks/${self.id}"
  }
}

data "xelon_networks" {
  description = "Networks, as far as the list tells them."
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "networks" {
    type     = list(object({ id = string, name = string, type = string, network = string, subnet_size = number }))
    computed = true
    from     = []
  }
  request "networks" {
    use    = "pages"
    path   = "/networks"
    query  = { search = self.search }
    result = { networks = [for n in items : { id = n.identifier, name = n.name, type = try(n.type, null), network = try(n.network, null), subnet_size = try(n.networkSize, null) }] }
  }
}

data "xelon_shared_networks" {
  description = "The networks of a cloud that a tenant may use."
  attribute "cloud_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "tenant_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "networks" {
    type     = list(object({ id = string, name = string, type = string }))
    computed = true
    from     = []
  }
  request "networks" {
    path   = "/networks/share"
    query  = { cloudIdentifier = self.cloud_id, tenantIdentifier = self.tenant_id }
    items  = try(body.data, response)
    result = { networks = [for n in items : { id = n.identifier, name = n.name, type = try(n.type, null) }] }
  }
}
