resource "terraform_data" "a" {
}
variable "v" {}
output "o" {
  value = 1
}
locals {
  l = 1
}
module "m" {
  source = "./m"
}
provider "terraform" {}
