variable "active" { default = "blue" }
variable "versions" { default = { blue = "1.0", green = "1.1" } }
module "env" {
  source = "./env"
  for_each = var.versions
  color = each.key
  ver = each.value
  weight = each.key == var.active ? 100 : 0
}
resource "terraform_data" "router" {
  input = { for k, m in module.env : k => { w = m.weight, e = m.endpoint } }
  lifecycle {
    precondition {
      condition = contains(keys(var.versions), var.active)
      error_message = "no such env ${var.active}"
    }
    postcondition {
      condition = sum([for e in values(self.output) : e.w]) == 100
      error_message = "weights"
    }
  }
}
output "active" { value = module.env[var.active].endpoint }
output "all" { value = terraform_data.router.output }
