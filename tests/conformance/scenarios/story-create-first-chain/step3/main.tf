variable "v" { default = 1 }
resource "terraform_data" "base" { triggers_replace = var.v }
resource "terraform_data" "mid" {
  count = 2
  triggers_replace = [terraform_data.base.id, count.index]
}
resource "terraform_data" "top" {
  triggers_replace = terraform_data.mid[*].id
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "side" { input = terraform_data.mid[1].id }
