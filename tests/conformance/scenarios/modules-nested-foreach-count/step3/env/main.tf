variable "name" { type = string }
variable "n" { type = number }
module "node" {
  source = "./node"
  count  = var.n
  label  = "${var.name}-${count.index}"
}
output "ids_count" { value = length(module.node) }
output "names" { value = module.node[*].label }
