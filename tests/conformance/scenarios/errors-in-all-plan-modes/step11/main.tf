resource "terraform_data" "a" {}
variable "req" {}
