variable "v" {}
resource "terraform_data" "x" {
  triggers_replace = var.v
  lifecycle {
    create_before_destroy = true
  }
}
