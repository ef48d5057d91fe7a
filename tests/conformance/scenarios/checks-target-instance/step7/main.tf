variable "v" {
  default = 1
  validation {
    condition     = var.v > 0
    error_message = "no"
  }
}
variable "u" {
  default = 1
  validation {
    condition     = var.u > 0
    error_message = "no"
  }
}
resource "terraform_data" "a" {
  count = 2
  input = var.v
  lifecycle {
    precondition {
      condition     = var.v > 0
      error_message = "pre"
    }
  }
}
module "m" {
  source   = "./m"
  for_each = toset(["x", "y"])
  in       = each.key
}
