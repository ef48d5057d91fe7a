# Object storage: users, their access keys, and buckets.

resource "xelon_object_storage_user" {
  description = "A user of object storage."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    required = true
    validate {
      condition = value != ""
      message   = "A name is needed."
    }
  }
  attribute "region" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = []
    description = "The region's id, such as zh1; the API does not tell it again."
  }
  attribute "storage_limit" {
    type     = number
    required = true
    from     = "quota"
    validate {
      condition = contains([100, 250, 500, 1000, 2000, 5000, 10000, 15000, 20000, 30000, 40000, 50000], value)
      message   = "The limit is one of 100, 250, 500, 1000, 2000, 5000, 10000, 15000, 20000, 30000, 40000 and 50000 GB."
    }
  }
  attribute "tenant_id" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "tenant.identifier"
    keep      = true
  }
  attribute "region_replication_enabled" {
    type     = bool
    computed = true
    from     = "isReplicated"
  }
  attribute "s3_endpoints" {
    type     = set(string)
    computed = true
    from     = "s3endpoints"
  }
  create {
    request "create" {
      path   = "/object-storages/users"
      body   = { name = self.name, quota = self.storage_limit, zoneGroup = self.region, tenantId = self.tenant_id }
      object = response
    }
  }
  read {
    request "read" {
      path = "/object-storages/users/${self.id}"
    }
  }
  list {
    use        = "list"
    path       = "/object-storages/users"
    attributes = ["id", "name", "storage_limit", "tenant_id", "region_replication_enabled", "s3_endpoints"]
  }
  update "user" {
    attributes = ["name", "storage_limit"]
    request "update" {
      method = "PUT"
      path   = "/object-storages/users/${self.id}"
      body   = { name = self.name, quota = self.storage_limit }
    }
  }
  delete {
    request "delete" {
      path = "/object-storages/users/${self.id}"
    }
  }
  import "<region>/<id>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_object_storage_access_key" {
  description = "An access key of an object storage user, beside the first that every user gets."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "user_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "access_key_id" {
    type     = string
    computed = true
    from     = "accessKey"
  }
  attribute "secret_access_key" {
    type        = string
    computed    = true
    sensitive   = true
    from        = "secretKey"
    keep        = true
    description = "Told at creation only."
  }
  attribute "created_at" {
    type     = string
    computed = true
    from     = "createdAt"
  }
  create {
    # Every user has a key already: should the answer be lost, it must not be taken for this one.
    request "before" {
      method   = "GET"
      path     = "/object-storages/users/${self.user_id}"
      remember = { before = [for t in response.tokens : t.identifier] }
    }
    request "create" {
      path   = "/object-storages/users/${self.user_id}/tokens"
      object = response
    }
  }
  list {
    path       = "/object-storages/users/${self.user_id}"
    items      = response.tokens
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "access_key_id", "created_at"]
  }
  delete {
    request "delete" {
      path = "/object-storages/users/${self.user_id}/tokens/${self.id}"
    }
  }
  import "<user_id>/<id>" {}
  recover {
    match = try(!contains(remembered.before, item.identifier), false)
  }
}

resource "xelon_object_storage_bucket" {
  description = "A bucket."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    required = true
    validate {
      condition = value != ""
      message   = "A name is needed."
    }
  }
  attribute "user_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "s3UserIdentifier"
    keep      = true
  }
  attribute "versioning_enabled" {
    type    = bool
    default = false
    from    = "isVersioning"
  }
  attribute "object_lock_enabled" {
    type      = bool
    default   = false
    on_change = "replace"
    from      = "isObjectLock"
  }
  attribute "object_lock_retention_days" {
    type      = number
    optional  = true
    on_change = "replace"
    from      = "retentionPeriodDays"
    decode    = value == 0 ? null : value
    validate {
      condition = value >= 1 && value <= 36500
      message   = "The retention is from 1 to 36500 days."
    }
  }
  attribute "allowed_ips" {
    type        = set(string)
    optional    = true
    computed    = true
    from        = []
    description = "The addresses that the bucket can be reached from. Empty for all; left alone if not set."
  }
  attribute "region_replication_enabled" {
    type     = bool
    computed = true
    from     = ["isReplicated", "isReplication"]
    keep     = true
  }
  attribute "s3_endpoints" {
    type     = set(string)
    computed = true
    from     = ["s3endpoints", "s3Endpoints"]
    keep     = true
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = ["tenant.identifier", "tenantIdentifier"]
    keep     = true
  }
  attribute "created_at" {
    type     = string
    computed = true
    from     = "createdAt"
  }
  validate {
    condition = config.object_lock_enabled != true || (config.versioning_enabled == true && config.object_lock_retention_days != null)
    message   = "Object lock needs versioning_enabled and object_lock_retention_days."
  }
  validate {
    condition = config.object_lock_enabled == true || config.object_lock_retention_days == null
    message   = "object_lock_retention_days means something with object_lock_enabled only."
  }
  change {
    condition = self.versioning_enabled || !self.object_lock_enabled
    message   = "A bucket with object lock keeps its versioning."
  }
  create {
    request "create" {
      path = "/object-storages/buckets"
      body = {
        name                = self.name
        s3UserIdentifier    = self.user_id
        isObjectLock        = self.object_lock_enabled
        isVersioning        = self.versioning_enabled
        retentionPeriodDays = self.object_lock_retention_days
      }
      object = response
      result = { allowed_ips = try(coalesce(self.allowed_ips), []) }
    }
    request "restrict" {
      use  = "restrictions"
      when = length(self.allowed_ips) > 0
    }
  }
  read {
    request "read" {
      path   = "/object-storages/buckets/${self.name}/${self.user_id}"
      object = response
      result = { allowed_ips = try(response.isWithRestrictedIps, false) ? null : [] }
    }
    request "restrictions" {
      when   = try(step.read.isWithRestrictedIps, false)
      path   = "/object-storages/buckets/${self.name}/${self.user_id}/ip-restrictions"
      result = { allowed_ips = response.enabled ? response.allowedIps : [] }
    }
  }
  list {
    use        = "list"
    path       = "/object-storages/buckets"
    attributes = ["id", "name", "user_id", "versioning_enabled", "object_lock_enabled", "object_lock_retention_days", "region_replication_enabled", "s3_endpoints", "tenant_id", "created_at"]
    # The list tells only whether there are restrictions.
    detail_when = try(item.isWithRestrictedIps, false) != (try(length(self.allowed_ips), 0) > 0)
  }
  update "name" {
    attributes = ["name"]
    request "rename" {
      method = "PUT"
      path   = "/object-storages/buckets/${self.id}"
      body   = { name = self.name }
    }
  }
  update "versioning" {
    attributes = ["versioning_enabled"]
    request "versioning" {
      method = "PUT"
      path   = "/object-storages/buckets/${self.name}/${self.user_id}/versioning"
      body   = { isVersioning = self.versioning_enabled }
      wait "versioning" {
        use   = "settling"
        path  = "/object-storages/buckets/${self.name}/${self.user_id}"
        delay = "0s"
        done  = response.isVersioning == self.versioning_enabled
      }
    }
  }
  update "restrictions" {
    attributes = ["allowed_ips"]
    request "restrict" {
      use = "restrictions"
    }
  }
  delete {
    request "delete" {
      path = "/object-storages/buckets/${self.name}/${self.user_id}"
    }
  }
  import "<user_id>/<name>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

# Restricting a bucket to addresses, which takes a moment.
template "restrictions" {
  method = "PUT"
  path   = "/object-storages/buckets/${self.name}/${self.user_id}/ip-restrictions"
  body   = { enabled = length(self.allowed_ips) > 0, allowedIps = self.allowed_ips }
  wait "restricted" {
    use   = "settling"
    path  = "/object-storages/buckets/${self.name}/${self.user_id}/ip-restrictions"
    delay = "0s"
    done  = response.enabled == (length(self.allowed_ips) > 0) && (!response.enabled || toset(response.allowedIps) == self.allowed_ips)
  }
}

data "xelon_object_storage_users" {
  description = "Users of object storage."
  attribute "tenant_id" {
    type     = string
    optional = true
    from     = []
  }
  attribute "users" {
    type     = list(object({ id = string, name = string, storage_limit = number, used_gb = number }))
    computed = true
    from     = []
  }
  request "users" {
    use    = "pages"
    path   = "/object-storages/users"
    query  = { tenantId = self.tenant_id }
    result = { users = [for u in items : { id = u.identifier, name = u.name, storage_limit = try(u.quota, null), used_gb = try(u.sizeUsedGb, null) }] }
  }
}

data "xelon_object_storage_buckets" {
  description = "Buckets."
  attribute "tenant_id" {
    type     = string
    optional = true
    from     = []
  }
  attribute "buckets" {
    type     = list(object({ id = string, name = string, user_id = string, region = string }))
    computed = true
    from     = []
  }
  request "buckets" {
    use    = "pages"
    path   = "/object-storages/buckets"
    query  = { tenantId = self.tenant_id }
    result = { buckets = [for b in items : { id = b.identifier, name = b.name, user_id = try(b.s3UserIdentifier, null), region = try(b.zoneGroup, null) }] }
  }
}

data "xelon_object_storage_plans" {
  description = "Plans of object storage."
  attribute "plans" {
    type     = list(object({ title = string, description = string, quota = number, price = number, price_replicated = number }))
    computed = true
    from     = []
  }
  request "plans" {
    path   = "/object-storages/plans"
    result = { plans = [for p in response : { title = p.title, description = try(p.description, null), quota = p.quota, price = try(p.price, null), price_replicated = try(p.priceReplicated, null) }] }
  }
}

data "xelon_object_storage_regions" {
  description = "Regions of object storage."
  attribute "regions" {
    type     = list(object({ id = string, name = string, has_replication = bool }))
    computed = true
    from     = []
  }
  request "regions" {
    path   = "/object-storages/zone-groups"
    result = { regions = [for r in response : { id = r.id, name = r.name, has_replication = try(r.hasReplication, null) }] }
  }
}
