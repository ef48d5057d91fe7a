# Object storage.

resource "xessone_bucket" {
  description = "An object storage bucket. It cannot be changed, and is deleted only when it is empty."

  attribute "id" {
    type        = string
    computed    = true
    value       = self.name
    description = "The name."
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", value))
      message   = "A bucket's name has 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends."
    }
  }
  attribute "region" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
  }
  attribute "endpoint" {
    type     = string
    computed = true
  }
  attribute "size_bytes" {
    type     = number
    computed = true
    volatile = true
  }
  attribute "object_count" {
    type     = number
    computed = true
    volatile = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }

  create {
    request "create" {
      path   = "/storage/buckets"
      body   = { name = self.name, region = self.region }
      object = response
    }
  }

  list {
    path       = "/storage/buckets"
    paging     = "pages"
    items      = try(response.items, response.buckets, response)
    item_key   = item.name
    key        = self.name
    attributes = ["name", "region", "endpoint", "size_bytes", "object_count", "created_at"]
  }

  delete {
    request "delete" {
      path = "/storage/buckets/${self.name}"
    }
  }

  import "<name>" {}

  recover {
    match   = item.name == self.name
    created = item.created_at
  }
}

data "xessone_storage_usage" {
  description = "How much object storage is used."
  attribute "used_bytes" {
    type     = number
    computed = true
  }
  attribute "quota_bytes" {
    type     = number
    computed = true
  }
  attribute "bucket_count" {
    type     = number
    computed = true
  }
  attribute "object_count" {
    type     = number
    computed = true
  }
  request "usage" {
    path = "/storage"
  }
}

data "xessone_buckets" {
  description = "All buckets."
  attribute "buckets" {
    type = list(object({
      name         = string
      region       = string
      endpoint     = string
      size_bytes   = number
      object_count = number
      created_at   = string
    }))
    computed = true
  }
  request "list" {
    path   = "/storage/buckets"
    paging = "pages"
    items  = try(response.items, response.buckets, response)
    result = { buckets = items }
  }
}
