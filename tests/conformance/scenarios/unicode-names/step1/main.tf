variable "größe" {
  default = "ß"
}
resource "terraform_data" "日本" {
  for_each = { "clé" = var.größe, "a b" = "", "x.y[0]" = null, "" = "empty" }
  input    = each.value
}
output "naïve" {
  value = terraform_data.日本["clé"].output
}
