# Data sources of networks, gateways, groups, SSH keys and DNS.

data "serverspace_networks" {
  description = "The isolated networks."
  choose      = "networks"
  attribute "networks" {
    type = list(object({
      id             = string
      name           = string
      location       = string
      description    = string
      network_prefix = string
      mask           = number
      server_ids     = list(string)
      gateway_ids    = list(string)
      state          = string
      tags           = list(string)
      created        = string
    }))
    computed = true
  }
  request "networks" {
    path = "/networks/isolated"
    result = { networks = [for n in try(response.isolated_networks[*], []) : merge(n, {
      location    = n.location_id
      server_ids  = try(n.server_ids[*], [])
      gateway_ids = try(n.gateway_ids[*], [])
      tags        = try(n.tags[*], [])
    })] }
  }
}

data "serverspace_network" {
  use         = "at_location"
  description = "One isolated network."
  attribute "description" {
    type     = string
    computed = true
  }
  attribute "network_prefix" {
    type     = string
    computed = true
  }
  attribute "mask" {
    type     = number
    computed = true
  }
  attribute "server_ids" {
    type     = list(string)
    computed = true
    from     = ""
    decode   = try(compact(response.server_ids), [])
  }
  attribute "gateway_ids" {
    type     = list(string)
    computed = true
    from     = ""
    decode   = try(compact(response.gateway_ids), [])
  }
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "tags" {
    use = "tags_there"
  }
  request "network" {
    path   = "/networks/isolated/${self.id}"
    object = response.isolated_network
  }
}

data "serverspace_ssh_keys" {
  description = "The SSH keys."
  choose      = "ssh_keys"
  attribute "ssh_keys" {
    type     = list(object({ id = number, name = string, public_key = string }))
    computed = true
  }
  request "ssh_keys" {
    path   = "/ssh-keys"
    result = { ssh_keys = try(response.ssh_keys, response.ssh_key, []) }
  }
}

data "serverspace_ssh_key" {
  description = "One SSH key."
  attribute "id" {
    type     = number
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "public_key" {
    type     = string
    computed = true
  }
  request "ssh_key" {
    path   = "/ssh-keys/${self.id}"
    object = try(response.ssh_key, response)
  }
}

data "serverspace_domains" {
  description = "The DNS zones."
  choose      = "domains"
  attribute "domains" {
    type     = list(object({ name = string, is_delegated = bool }))
    computed = true
  }
  request "domains" {
    path   = "/domains"
    result = { domains = try(response.domains[*], []) }
  }
}

data "serverspace_domain" {
  description = "One DNS zone."
  attribute "name" {
    type     = string
    required = true
    from     = []
  }
  attribute "is_delegated" {
    type     = bool
    computed = true
  }
  request "domain" {
    path   = "/domains/${self.name}"
    object = response.domain
  }
}

data "serverspace_domain_records" {
  description = "The records of a DNS zone."
  choose      = "records"
  attribute "domain" {
    type     = string
    required = true
    from     = []
  }
  attribute "records" {
    type = list(object({
      id               = string
      name             = string
      type             = string
      ttl              = string
      ip               = string
      mail_host        = string
      priority         = number
      canonical_name   = string
      name_server_host = string
      text             = string
      protocol         = string
      service          = string
      weight           = number
      port             = number
      target           = string
    }))
    computed = true
  }
  request "records" {
    path   = "/domains/${self.domain}/records"
    result = { records = try(response.records[*], []) }
  }
}

data "serverspace_domain_record" {
  description = "One record of a DNS zone, as the API tells it."
  attribute "domain" {
    type     = string
    required = true
    from     = []
  }
  attribute "id" {
    type     = string
    required = true
    from     = []
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "type" {
    type     = string
    computed = true
  }
  attribute "ttl" {
    type     = string
    computed = true
  }
  attribute "ip" {
    type     = string
    computed = true
  }
  attribute "mail_host" {
    type     = string
    computed = true
  }
  attribute "priority" {
    type     = number
    computed = true
  }
  attribute "canonical_name" {
    type     = string
    computed = true
  }
  attribute "name_server_host" {
    type     = string
    computed = true
  }
  attribute "text" {
    type     = string
    computed = true
  }
  attribute "protocol" {
    type     = string
    computed = true
  }
  attribute "service" {
    type     = string
    computed = true
  }
  attribute "weight" {
    type     = number
    computed = true
  }
  attribute "port" {
    type     = number
    computed = true
  }
  attribute "target" {
    type     = string
    computed = true
  }
  request "record" {
    path   = "/domains/${self.domain}/records/${self.id}"
    object = response.record
  }
}

data "serverspace_gateways" {
  description = "The gateways, or those of a location."
  choose      = "gateways"
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "gateways" {
    type = list(object({
      id             = string
      name           = string
      location       = string
      state          = string
      powered_on     = bool
      nics           = list(object({ id = number, network_id = string, ip_address = string, bandwidth_mbps = number }))
      firewall_rules = list(object({ action = string, direction = string, protocol = string, source = string, source_port = number, destination = string, destination_port = number }))
      nat_rules      = list(object({ type = string, protocol = string, source = string, destination = string, destination_port = number, translated = string, translated_port = number }))
      tags           = list(string)
      created        = string
    }))
    computed = true
  }
  request "gateways" {
    path   = "/gateways"
    query  = { location_id = self.location }
    result = { gateways = [for g in try(response.gateways[*], []) : merge(g, { location = g.location_id, tags = try(g.tags[*], []) })] }
  }
}

data "serverspace_gateway" {
  use         = "at_location"
  description = "One gateway."
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "powered_on" {
    type     = bool
    computed = true
  }
  attribute "nics" {
    type     = list(object({ id = number, network_id = string, ip_address = string, bandwidth_mbps = number }))
    computed = true
  }
  attribute "firewall_rules" {
    type     = list(object({ action = string, direction = string, protocol = string, source = string, source_port = number, destination = string, destination_port = number }))
    computed = true
  }
  attribute "nat_rules" {
    type     = list(object({ type = string, protocol = string, source = string, destination = string, destination_port = number, translated = string, translated_port = number }))
    computed = true
  }
  attribute "tags" {
    use = "tags_there"
  }
  attribute "created" {
    type     = string
    computed = true
  }
  request "gateway" {
    path   = "/gateways/${self.id}"
    object = response.gateway
  }
}

data "serverspace_affinity_groups" {
  description = "The affinity groups, or those of a location."
  choose      = "affinity_groups"
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "affinity_groups" {
    type = list(object({
      id         = string
      name       = string
      location   = string
      affinity   = bool
      server_ids = list(string)
    }))
    computed = true
  }
  request "groups" {
    path   = "/affinity-groups"
    query  = { location_id = self.location }
    result = { affinity_groups = [for g in try(response.affinity_groups[*], []) : merge(g, { location = g.location_id, server_ids = try(g.server_ids[*], []) })] }
  }
}

data "serverspace_affinity_group" {
  use         = "at_location"
  description = "One affinity group."
  attribute "affinity" {
    type     = bool
    computed = true
  }
  attribute "server_ids" {
    type     = list(string)
    computed = true
    from     = ""
    decode   = try(compact(response.server_ids), [])
  }
  request "group" {
    path   = "/affinity-groups/${self.id}"
    object = response.affinity_group
  }
}
